import { actorOf } from '@orion/platform/audit';
import { Auth, Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { Preference } from './preference.entity.js';
import type { PreferenceService } from './preference.service.js';
import { UpdatePreferencesInput, UpdatePreferencesPayload } from './preference.types.js';

@Resolver(() => User)
export class PreferenceResolver {
  constructor(private readonly service: PreferenceService) {}

  @Auth('preference:read:own')
  @FieldResolver(() => [Preference], {
    nullable: true,
    description: 'What they prefer, in order of the namespaces.',
  })
  async preferences(
    @Root() user: User,
    @Arg('namespace', () => String, { nullable: true, description: 'Only those of this namespace.' })
    namespace: string | null,
    @Ctx() context: SubgraphContext,
  ): Promise<Preference[]> {
    const all = await context.loaders.load(this.service.ofUsers, user.id);
    return all.filter((one) => namespace === null || namespace === undefined || one.namespace === namespace);
  }

  @Authenticated()
  @Mutation(() => UpdatePreferencesPayload, { description: 'Change your preferences in one namespace.' })
  updatePreferences(
    @Arg('input', () => UpdatePreferencesInput, { description: 'Which, and how.' }) input: UpdatePreferencesInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UpdatePreferencesPayload> {
    return this.service.update(viewerOf(context).userId, input, actorOf(context));
  }
}
