import { Auth, Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { LiveProfiles } from './live-profiles.js';
import type { ProfileService } from './profile.service.js';
import { User } from './user.entity.js';

@Resolver()
export class LiveProfileResolver {
  constructor(
    readonly live: LiveProfiles,
    private readonly profiles: ProfileService,
  ) {}

  @Authenticated()
  @Subscription(() => User, {
    nullable: true,
    description: 'You, each time your profile has changed.',
    subscribe: ({ context }: { context: SubgraphContext }) =>
      context.resolver(LiveProfileResolver).live.listen(viewerOf(context).userId),
  })
  profileUpdated(@Root() userId: string, @Ctx() context: SubgraphContext): Promise<User | null> {
    return context.loaders.load(this.profiles.byId, userId);
  }

  @Auth('user:read:any')
  @Subscription(() => User, {
    nullable: true,
    description: 'A person, each time their profile or whether they may sign in has changed; null when deleted.',
    subscribe: ({ context, args }: { context: SubgraphContext; args: Record<string, unknown> }) =>
      context.resolver(LiveProfileResolver).live.listen(String(args['id']).toLowerCase()),
  })
  userChanged(
    @Arg('id', () => ID, { description: 'Whom to watch.' }) _id: string,
    @Root() userId: string,
    @Ctx() context: SubgraphContext,
  ): Promise<User | null> {
    return context.loaders.load(this.profiles.byId, userId);
  }
}
