import { actorOf } from '@orion/platform/audit';
import { Auth, Interactive, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { GraphQLDateTime } from 'graphql-scalars';
import { Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { userError } from '../user-error.js';
import type { DeletionService } from './deletion.service.js';
import { CancelAccountDeletionPayload, RequestAccountDeletionPayload } from './deletion.types.js';

@Resolver(() => User)
export class DeletionResolver {
  constructor(private readonly service: DeletionService) {}

  @Auth('user:read-pii:own')
  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the account will be deleted because its owner wants it; null when it will not.',
  })
  deletionDueAt(@Root() user: User, @Ctx() context: SubgraphContext): Promise<Date | null> {
    return context.loaders.load(this.service.dueOfUsers, user.id);
  }

  @Interactive({ stepUp: true })
  @Mutation(() => RequestAccountDeletionPayload, {
    description:
      'Have your account deleted with all that is known of you, in every service, some days from now: until then you can cancel. Ask for a copy of your data before.',
  })
  requestAccountDeletion(@Ctx() context: SubgraphContext): Promise<RequestAccountDeletionPayload> {
    return this.service.request(viewerOf(context).userId, actorOf(context));
  }

  @Interactive()
  @Mutation(() => CancelAccountDeletionPayload, { description: 'Keep your account after all.' })
  async cancelAccountDeletion(@Ctx() context: SubgraphContext): Promise<CancelAccountDeletionPayload> {
    const cancelled = await this.service.cancel(viewerOf(context).userId, actorOf(context));
    return { cancelled, userErrors: cancelled ? [] : [userError('DELETION_NOT_REQUESTED')] };
  }
}
