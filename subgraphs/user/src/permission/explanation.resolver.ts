import type { Circumstances } from '@orion/platform/access';
import { isUuid } from '@orion/platform/ids';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { ProfileService } from '../profile/profile.service.js';
import { sufficientKeys } from './decision.js';
import type { ExplanationService } from './explanation.service.js';
import { AccessCircumstancesInput, DecisionTrace } from './explanation.types.js';
import type { PermissionService } from './permission.service.js';

@Resolver()
export class ExplanationResolver {
  constructor(
    private readonly explanations: ExplanationService,
    private readonly permissions: PermissionService,
    private readonly profiles: ProfileService,
  ) {}

  @Auth('permission:explain:any')
  @Query(() => DecisionTrace, {
    nullable: true,
    description: 'Whether somebody may do something, and what led to it; null when there is no such user.',
  })
  async explainAccess(
    @Arg('userId', () => ID, { description: 'Who.' }) userId: string,
    @Arg('permission', () => String, { description: 'What, `resource:action:scope`.' }) permission: string,
    @Arg('resourceId', () => ID, {
      nullable: true,
      description: "Id of the user whom it belongs to; the user's own when left out.",
    })
    resourceId: string | null,
    @Arg('circumstances', () => AccessCircumstancesInput, {
      nullable: true,
      description: 'Of what request; of one of which nothing is known when left out.',
    })
    circumstances: AccessCircumstancesInput | null,
    @Ctx() { loaders }: SubgraphContext,
  ): Promise<DecisionTrace | null> {
    sufficientKeys(permission);
    const user = isUuid(userId) ? await loaders.load(this.profiles.byId, userId) : null;
    if (user === null) return null;
    const [access, isKnown] = await Promise.all([
      loaders.load(this.permissions.accessOfUsers, user.id),
      loaders.load(this.permissions.areKnown, permission),
    ]);
    return this.explanations.explain({
      userId: user.id,
      permission,
      ownerId: resourceId ?? null,
      circumstances: imagine(circumstances ?? {}),
      access,
      isKnown,
    });
  }
}

function imagine({ ip, userAgent, methods, secondsSinceSignIn, at }: AccessCircumstancesInput): Circumstances {
  const now = at ?? new Date();
  const authenticatedAt = secondsSinceSignIn == null ? 0 : Math.floor(now.getTime() / 1_000) - secondsSinceSignIn;
  return { now, ip: ip ?? null, userAgent: userAgent ?? null, methods: methods ?? [], authenticatedAt };
}
