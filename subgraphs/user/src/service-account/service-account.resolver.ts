import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { ApiKeyPayload } from '../api-key/api-key.types.js';
import { granterOf } from '../permission/authority.js';
import { UserConnection } from '../profile/user.entity.js';
import type { ServiceAccountService } from './service-account.service.js';
import {
  CreateServiceAccountInput,
  CreateServiceAccountKeyInput,
  DeleteServiceAccountInput,
  DeleteServiceAccountPayload,
  ServiceAccountPayload,
} from './service-account.types.js';

@Resolver()
export class ServiceAccountResolver {
  constructor(private readonly accounts: ServiceAccountService) {}

  @Auth('service-account:read:any')
  @Query(() => UserConnection, { nullable: true, description: 'All service accounts, in order of their names.' })
  serviceAccounts(@Args(() => PageArgs) page: PageArgs, @Ctx() context: SubgraphContext): Promise<UserConnection> {
    return this.accounts.page(pageRequest(page, { list: 'Query.serviceAccounts' }, context));
  }

  @Auth('service-account:write:any', { stepUp: true })
  @Mutation(() => ServiceAccountPayload, {
    description: 'Make an account for a program. It belongs to nobody, so it stays when you go.',
  })
  async createServiceAccount(
    @Arg('input', () => CreateServiceAccountInput, { description: 'What it shall be.' })
    { name, roles }: CreateServiceAccountInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ServiceAccountPayload> {
    const { value, userErrors } = await this.accounts.create(name, roles, granterOf(context));
    return { serviceAccount: value, userErrors };
  }

  @Auth('service-account:write:any', { stepUp: true })
  @Mutation(() => DeleteServiceAccountPayload, {
    description: 'Delete a service account with its API keys, which stop working at once.',
  })
  async deleteServiceAccount(
    @Arg('input', () => DeleteServiceAccountInput, { description: 'Which.' })
    { serviceAccountId }: DeleteServiceAccountInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DeleteServiceAccountPayload> {
    const { value, userErrors } = await this.accounts.delete(serviceAccountId, granterOf(context));
    return { deletedServiceAccountId: value, userErrors };
  }

  @Auth('service-account:write:any', { stepUp: true })
  @Mutation(() => ApiKeyPayload, { description: 'Make an API key for a service account.' })
  async createServiceAccountKey(
    @Arg('input', () => CreateServiceAccountKeyInput, { description: 'For which, and what it may do.' })
    { serviceAccountId, name, scopes, expiresAt = null, allowedIps }: CreateServiceAccountKeyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ApiKeyPayload> {
    const draft = { name, scopes, expiresAt, allowedIps: allowedIps ?? [] };
    const { value, userErrors } = await this.accounts.createKey(serviceAccountId, draft, granterOf(context));
    return { apiKey: value?.apiKey ?? null, secret: value?.secret ?? null, userErrors };
  }
}
