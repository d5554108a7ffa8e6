import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { granterOf } from '../permission/authority.js';
import type { StandingChange, StandingService } from './standing.service.js';
import {
  DeleteUserInput,
  DeleteUserPayload,
  ReactivateUserInput,
  ReactivateUserPayload,
  SuspendUserInput,
  SuspendUserPayload,
} from './standing.types.js';

@Resolver()
export class StandingResolver {
  constructor(private readonly service: StandingService) {}

  @Auth('user:suspend:any', { stepUp: true })
  @Mutation(() => SuspendUserPayload, {
    description: 'Suspend somebody below you: their sessions and keys stop working, and they cannot sign in.',
  })
  suspendUser(
    @Arg('input', () => SuspendUserInput, { description: 'Whom, and why.' }) input: SuspendUserInput,
    @Ctx() context: SubgraphContext,
  ): Promise<SuspendUserPayload> {
    return this.service.suspend(changeOf(input, context));
  }

  @Auth('user:suspend:any', { stepUp: true })
  @Mutation(() => ReactivateUserPayload, { description: 'Let somebody who is suspended sign in again.' })
  reactivateUser(
    @Arg('input', () => ReactivateUserInput, { description: 'Whom, and why.' }) input: ReactivateUserInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ReactivateUserPayload> {
    return this.service.reactivate(changeOf(input, context));
  }

  @Auth('user:delete:any', { stepUp: true })
  @Mutation(() => DeleteUserPayload, {
    description: 'Delete somebody below you, with all that is known of them, in every service. It cannot be undone.',
  })
  async deleteUser(
    @Arg('input', () => DeleteUserInput, { description: 'Whom, and why.' }) input: DeleteUserInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DeleteUserPayload> {
    const { user, userErrors } = await this.service.delete(changeOf(input, context));
    return { deletedUserId: user?.id ?? null, userErrors };
  }
}

function changeOf(
  { userId, reason = null }: { readonly userId: string; readonly reason?: string | null },
  context: SubgraphContext,
): StandingChange {
  return { userId: userId.toLowerCase(), reason, granter: granterOf(context) };
}
