import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { DeviceConnection } from './device.entity.js';
import type { DeviceService } from './device.service.js';

@Resolver(() => User)
export class UserDevicesResolver {
  constructor(private readonly service: DeviceService) {}

  @Auth('device:read:own')
  @FieldResolver(() => DeviceConnection, { nullable: true, description: 'Devices of theirs, newest first.' })
  devices(
    @Root() user: User,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<DeviceConnection> {
    return context.loaders.load(this.service.pagesOfUsers, {
      ownerId: user.id,
      ...pageRequest(args, { list: 'User.devices', ownerId: user.id }, context),
    });
  }
}
