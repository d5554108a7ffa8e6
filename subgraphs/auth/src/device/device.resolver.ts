import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth, Interactive, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { SessionService } from '../session/session.service.js';
import { callerOf } from '../step-up/caller.js';
import { userError } from '../user-error.js';
import { Device, DeviceConnection } from './device.entity.js';
import type { DeviceService } from './device.service.js';
import { DevicePayload, RenameDeviceInput, RevokeDeviceInput, UntrustDeviceInput } from './device.types.js';
import type { OwnDevicesService } from './own-devices.service.js';

@Resolver(() => Device)
export class DeviceResolver {
  constructor(
    private readonly devices: DeviceService,
    private readonly own: OwnDevicesService,
    private readonly sessions: SessionService,
  ) {}

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until then no second factor is asked for on it; null when one is.',
  })
  trustedUntil(@Root() { trustedUntil }: Device): Date | null {
    return trustedUntil !== null && trustedUntil > new Date() ? trustedUntil : null;
  }

  @FieldResolver(() => Boolean, { description: 'Whether this very request comes from it.' })
  async isCurrent(@Root() { id }: Device, @Ctx() context: SubgraphContext): Promise<boolean> {
    const { viewer } = context;
    if (viewer === null || viewer.kind !== 'session') return false;
    return (await context.loaders.load(this.sessions.byId, viewer.sessionId))?.deviceId === id;
  }

  @Auth('device:read:own')
  @Query(() => DeviceConnection, { nullable: true, description: 'Your devices, newest first.' })
  myDevices(@Args(() => PageArgs) args: PageArgs, @Ctx() context: SubgraphContext): Promise<DeviceConnection> {
    const { userId } = viewerOf(context);
    return context.loaders.load(this.devices.pagesOfUsers, {
      ownerId: userId,
      ...pageRequest(args, { list: 'User.devices', ownerId: userId }, context),
    });
  }

  @Interactive()
  @Mutation(() => DevicePayload, { description: 'Call one of your devices something else.' })
  async renameDevice(
    @Arg('input', () => RenameDeviceInput, { description: 'Device and name.' }) input: RenameDeviceInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DevicePayload> {
    return payloadOf(await this.own.rename(callerOf(context), input));
  }

  @Interactive({ stepUp: true })
  @Mutation(() => DevicePayload, {
    description:
      'Ask for no second factor on this device for some time, as long as it sends its deviceToken at login. Only right ' +
      'after the second factor was given in this session.',
  })
  async trustDevice(@Ctx() context: SubgraphContext): Promise<DevicePayload> {
    return payloadOf(await this.own.trust(callerOf(context)));
  }

  @Interactive()
  @Mutation(() => DevicePayload, { description: 'Ask for the second factor on a device again.' })
  async untrustDevice(
    @Arg('input', () => UntrustDeviceInput, { description: 'Which one.' }) input: UntrustDeviceInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DevicePayload> {
    return payloadOf(await this.own.untrust(callerOf(context), input.id));
  }

  @Interactive()
  @Mutation(() => DevicePayload, {
    description: 'Forget a device, for instance a lost one: its sessions end, and it is a new one when it comes back.',
  })
  async revokeDevice(
    @Arg('input', () => RevokeDeviceInput, { description: 'Which one.' }) input: RevokeDeviceInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DevicePayload> {
    return payloadOf(await this.own.revoke(callerOf(context), input.id));
  }
}

function payloadOf(outcome: Awaited<ReturnType<OwnDevicesService['rename']>>): DevicePayload {
  if (typeof outcome !== 'string') return { device: outcome, userErrors: [] };
  const path =
    outcome === 'DEVICE_NAME_INVALID' ? ['input', 'name'] : outcome === 'DEVICE_NOT_FOUND' ? ['input', 'id'] : [];
  return { device: null, userErrors: [userError(outcome, path)] };
}
