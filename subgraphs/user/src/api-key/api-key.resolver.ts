import { actorOf } from '@orion/platform/audit';
import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth, Interactive, Public, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, Directive, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { granterOf } from '../permission/authority.js';
import { User } from '../profile/user.entity.js';
import type { ApiKeyIdentityService } from './api-key-identity.service.js';
import { ApiKeyConnection } from './api-key.entity.js';
import type { ApiKeyService, KeyAnswer } from './api-key.service.js';
import {
  AdminRevokeApiKeyInput,
  ApiKeyIdentity,
  ApiKeyPayload,
  CreateApiKeyInput,
  RevokeApiKeyInput,
  RevokeApiKeyPayload,
  RotateApiKeyInput,
} from './api-key.types.js';

@Resolver(() => User)
export class ApiKeyResolver {
  constructor(
    private readonly keys: ApiKeyService,
    private readonly identities: ApiKeyIdentityService,
  ) {}

  @Auth('api-key:read:own')
  @FieldResolver(() => ApiKeyConnection, {
    nullable: true,
    description: 'Their API keys, newest first, the revoked ones included.',
  })
  apiKeys(
    @Root() { id }: User,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<ApiKeyConnection> {
    const request = pageRequest(page, { list: 'User.apiKeys', ownerId: id }, context);
    return context.loaders.load(this.keys.pages, { ...request, ownerId: id });
  }

  @Directive('@inaccessible')
  @Public()
  @Query(() => ApiKeyIdentity, {
    nullable: true,
    description: 'Whose an API key is and what it may do now; null when it does not work. For the gateway.',
  })
  apiKeyIdentity(
    @Arg('key', () => String, { description: 'The whole text of the key.' }) key: string,
    @Arg('ip', () => String, { nullable: true, description: 'From where it is used.' }) ip: string | null,
    @Ctx() { loaders }: SubgraphContext,
  ): Promise<ApiKeyIdentity | null> {
    return this.identities.identify({ key, ip: ip ?? null }, loaders);
  }

  @Interactive({ stepUp: true })
  @Mutation(() => ApiKeyPayload, { description: 'Make an API key for a program that acts in your name.' })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'What it may do, and until when.' })
    { name, scopes, expiresAt = null, allowedIps }: CreateApiKeyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ApiKeyPayload> {
    const draft = { name, scopes, expiresAt, allowedIps: allowedIps ?? [] };
    return payloadOf(await this.keys.create(draft, granterOf(context)));
  }

  @Interactive({ stepUp: true })
  @Mutation(() => ApiKeyPayload, {
    description: 'Replace an API key of yours by a new one like it. The old one stops working at once.',
  })
  async rotateApiKey(
    @Arg('input', () => RotateApiKeyInput, { description: 'Which.' }) { apiKeyId }: RotateApiKeyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ApiKeyPayload> {
    return payloadOf(await this.keys.rotate(apiKeyId, granterOf(context)));
  }

  @Interactive()
  @Mutation(() => RevokeApiKeyPayload, {
    description: 'Revoke an API key of yours: it stops working at once. To revoke one twice changes nothing.',
  })
  revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput, { description: 'Which.' }) { apiKeyId }: RevokeApiKeyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RevokeApiKeyPayload> {
    return this.#revoke(apiKeyId, context, viewerOf(context).userId);
  }

  @Auth('api-key:revoke:any', { stepUp: true })
  @Mutation(() => RevokeApiKeyPayload, {
    description: "Revoke anybody's API key: it stops working at once. To revoke one twice changes nothing.",
  })
  adminRevokeApiKey(
    @Arg('input', () => AdminRevokeApiKeyInput, { description: 'Which.' }) { apiKeyId }: AdminRevokeApiKeyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RevokeApiKeyPayload> {
    return this.#revoke(apiKeyId, context, null);
  }

  async #revoke(id: string, context: SubgraphContext, ownerId: string | null): Promise<RevokeApiKeyPayload> {
    const answer = await this.keys.revoke(id, { actor: actorOf(context), ownerId });
    return answer.fault === null
      ? { apiKey: answer.apiKey, userErrors: [] }
      : { apiKey: null, userErrors: [answer.fault] };
  }
}

/** What a client is told of a key that was made. */
export function payloadOf(answer: KeyAnswer): ApiKeyPayload {
  return answer.fault === null
    ? { apiKey: answer.apiKey, secret: answer.secret, userErrors: [] }
    : { apiKey: null, secret: null, userErrors: [answer.fault] };
}
