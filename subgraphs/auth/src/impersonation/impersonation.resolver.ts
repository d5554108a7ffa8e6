import { Auth, Impersonated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { ImpersonationService } from './impersonation.service.js';
import { AdminImpersonateInput, AdminImpersonatePayload, EndImpersonationPayload } from './impersonation.types.js';

@Resolver()
export class ImpersonationResolver {
  constructor(private readonly service: ImpersonationService) {}

  // The permission is the one that `impersonate-permission` names.
  @Auth('user:impersonate:any', { stepUp: true })
  @Mutation(() => AdminImpersonatePayload, {
    description: 'Look at the graph as somebody of a lower level sees it. They are told of it.',
  })
  async adminImpersonate(
    @Arg('input', () => AdminImpersonateInput, { description: 'Who, and why.' }) {
      userId,
      reason,
    }: AdminImpersonateInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AdminImpersonatePayload> {
    const origin = { ip: context.clientIp, userAgent: context.userAgent };
    const start = await this.service.start({ viewer: viewerOf(context), origin, userId, reason });
    if (start.kind === 'refused') {
      const path = ['input', start.code === 'REASON_INVALID' ? 'reason' : 'userId'];
      return { accessToken: null, expiresAt: null, user: null, userErrors: [userError(start.code, path)] };
    }
    const { token, expiresAt } = start.access;
    return { accessToken: token, expiresAt, user: { id: userId }, userErrors: [] };
  }

  @Impersonated()
  @Mutation(() => EndImpersonationPayload, {
    description: 'End the impersonation whose access token is sent: it works no more within a second.',
  })
  async endImpersonation(@Ctx() context: SubgraphContext): Promise<EndImpersonationPayload> {
    return { ended: await this.service.end(viewerOf(context)), userErrors: [] };
  }
}
