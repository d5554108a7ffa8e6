import { Auth, Interactive, Public, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { payloadOf } from '../sign-in/payload-of.js';
import { userError } from '../user-error.js';
import { CompleteOAuthPayload } from './complete-oauth.types.js';
import type { IdentitySources } from './identity-sources.js';
import type { LinkedAccountsService } from './linked-accounts.service.js';
import { OAuthAccount } from './oauth-account.entity.js';
import type { OAuthCompletion, OAuthService } from './oauth.service.js';
import {
  CompleteOAuthInput,
  OAuthProviderInfo,
  StartOAuthInput,
  StartOAuthPayload,
  UnlinkOAuthAccountInput,
  UnlinkOAuthAccountPayload,
} from './oauth.types.js';

@Resolver(() => User)
export class OAuthResolver {
  constructor(
    private readonly service: OAuthService,
    private readonly linked: LinkedAccountsService,
    private readonly sources: IdentitySources,
  ) {}

  @Public()
  @Query(() => [OAuthProviderInfo], { description: 'Providers that people can sign in with here.' })
  oauthProviders(): readonly OAuthProviderInfo[] {
    return this.sources.offered;
  }

  @Public()
  @Mutation(() => StartOAuthPayload, {
    description:
      'Begin to sign in with a provider, or to link an identity to the account that is signed in; for the latter you ' +
      'must have proved who you are within the last ten minutes.',
  })
  async startOAuth(
    @Arg('input', () => StartOAuthInput, { description: 'Which provider, and what for.' }) input: StartOAuthInput,
    @Ctx() { viewer }: SubgraphContext,
  ): Promise<StartOAuthPayload> {
    const start = await this.service.start(input, viewer);
    return start.kind === 'started'
      ? { authorizationUrl: start.authorizationUrl, state: start.state, userErrors: [] }
      : { authorizationUrl: null, state: null, userErrors: [userError(start.code, ['input'])] };
  }

  @Public()
  @Mutation(() => CompleteOAuthPayload, {
    description: 'Complete what startOAuth began. Works once. To link, send the access token of the same session.',
  })
  async completeOAuth(
    @Arg('input', () => CompleteOAuthInput, { description: 'What came back.' }) input: CompleteOAuthInput,
    @Ctx() { viewer, clientIp: ip, userAgent }: SubgraphContext,
  ): Promise<CompleteOAuthPayload> {
    return completionOf(await this.service.complete(input, viewer, { ip, userAgent }));
  }

  @Interactive({ stepUp: true })
  @Mutation(() => UnlinkOAuthAccountPayload, {
    description: 'Take an identity away: nobody signs in with it any more. The last thing to sign in with stays.',
  })
  async unlinkOAuthAccount(
    @Arg('input', () => UnlinkOAuthAccountInput, { description: 'Which identity.' }) { id }: UnlinkOAuthAccountInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UnlinkOAuthAccountPayload> {
    const { clientIp: ip, userAgent } = context;
    const refusal = await this.linked.unlink(viewerOf(context), { id, ip, userAgent });
    return refusal === null
      ? { unlinkedId: id, userErrors: [] }
      : { unlinkedId: null, userErrors: [userError(refusal, ['input', 'id'])] };
  }

  @Auth('identity:read:own')
  @FieldResolver(() => [OAuthAccount], { nullable: true, description: 'Identities at providers to sign in with.' })
  linkedAccounts(@Root() user: User, @Ctx() context: SubgraphContext): Promise<OAuthAccount[]> {
    return context.loaders.load(this.linked.ofUsers, user.id);
  }
}

function completionOf(completion: OAuthCompletion): CompleteOAuthPayload {
  if (completion.kind === 'linked')
    return { tokens: null, challenge: null, linkedAccount: completion.account, userErrors: [] };
  const payload =
    completion.kind === 'refused'
      ? { tokens: null, challenge: null, userErrors: [userError(completion.code, ['input'])] }
      : payloadOf(completion);
  return { ...payload, linkedAccount: null };
}
