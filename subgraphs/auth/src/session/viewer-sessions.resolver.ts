import { holds } from '@orion/platform/identity';
import { isUuid } from '@orion/platform/ids';
import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth, Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Session, SessionConnection } from './session.entity.js';
import type { SessionService } from './session.service.js';
import { TokenInfo } from './token-info.types.js';
import type { TokenInfoService } from './token-info.service.js';

@Resolver()
export class ViewerSessionsResolver {
  constructor(
    private readonly sessions: SessionService,
    private readonly tokens: TokenInfoService,
  ) {}

  @Auth('session:read:own')
  @Query(() => SessionConnection, { nullable: true, description: 'Your sessions that are alive, newest first.' })
  mySessions(@Args(() => PageArgs) args: PageArgs, @Ctx() context: SubgraphContext): Promise<SessionConnection> {
    const { userId } = viewerOf(context);
    return context.loaders.load(this.sessions.pagesOfUsers, {
      ownerId: userId,
      ...pageRequest(args, { list: 'User.sessions', ownerId: userId }, context),
    });
  }

  @Auth('session:read:own')
  @Query(() => Session, {
    nullable: true,
    description: 'A session, be it alive or not; null when there is none that you may see.',
  })
  session(
    @Arg('id', () => ID, { description: 'UUID of the session.' }) id: string,
    @Ctx() context: SubgraphContext,
  ): Promise<Session | null> {
    return this.visible(id, context);
  }

  @Authenticated()
  @Query(() => TokenInfo, { nullable: true, description: 'What the token of this very request is worth.' })
  tokenInfo(@Ctx() context: SubgraphContext): Promise<TokenInfo> {
    return this.tokens.of(viewerOf(context));
  }

  /** To its owner, to those who read anybody's, and to whoever just signed in or refreshed. */
  async visible(id: string, context: SubgraphContext): Promise<Session | null> {
    if (!isUuid(id)) return null;
    const session = await context.loaders.load(this.sessions.byId, id);
    const { viewer } = context;
    return session !== null && (session.userId === viewer?.userId || holds(viewer, 'session:read:any'))
      ? session
      : null;
  }
}
