import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { granterOf } from '../permission/authority.js';
import { Role } from '../role/role.entity.js';
import type { RoleService } from '../role/role.service.js';
import { Policy, PolicyConnection } from './policy.entity.js';
import type { PolicyService } from './policy.service.js';
import {
  CreatePolicyInput,
  DeletePolicyInput,
  DeletePolicyPayload,
  PolicyPayload,
  UpdatePolicyInput,
} from './policy.types.js';

@Resolver(() => Policy)
export class PolicyResolver {
  constructor(
    private readonly policyService: PolicyService,
    private readonly roles: RoleService,
  ) {}

  @FieldResolver(() => Role, {
    nullable: true,
    description: 'Whose holders it concerns, with those of roles that inherit from it; everybody when null.',
  })
  async role(@Root() { roleId }: Policy, @Ctx() { loaders }: SubgraphContext): Promise<Role | null> {
    return roleId === null ? null : loaders.load(this.roles.byId, roleId);
  }

  @Auth('policy:read:any')
  @Query(() => PolicyConnection, { nullable: true, description: 'All policies, in order of their names.' })
  policies(@Args(() => PageArgs) page: PageArgs, @Ctx() context: SubgraphContext): Promise<PolicyConnection> {
    return this.policyService.page(pageRequest(page, { list: 'Query.policies' }, context));
  }

  @Auth('policy:write:any', { stepUp: true })
  @Mutation(() => PolicyPayload, { description: 'Make a policy. It applies to the next request of whom it concerns.' })
  async createPolicy(
    @Arg('input', () => CreatePolicyInput, { description: 'What it shall say.' }) input: CreatePolicyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<PolicyPayload> {
    const { value, userErrors } = await this.policyService.create(input, granterOf(context));
    return { policy: value, userErrors };
  }

  @Auth('policy:write:any', { stepUp: true })
  @Mutation(() => PolicyPayload, {
    description: 'Change a policy. Which permission and whom it concerns stay: make another one for that.',
  })
  async updatePolicy(
    @Arg('input', () => UpdatePolicyInput, { description: 'What to change.' }) input: UpdatePolicyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<PolicyPayload> {
    const { value, userErrors } = await this.policyService.update(input, granterOf(context));
    return { policy: value, userErrors };
  }

  @Auth('policy:write:any', { stepUp: true })
  @Mutation(() => DeletePolicyPayload, { description: 'Delete a policy.' })
  async deletePolicy(
    @Arg('input', () => DeletePolicyInput, { description: 'Which.' }) { policyId }: DeletePolicyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DeletePolicyPayload> {
    const { value, userErrors } = await this.policyService.delete(policyId, granterOf(context));
    return { deletedPolicyId: value?.id ?? null, userErrors };
  }
}
