import { actorOf } from '@orion/platform/audit';
import { holds } from '@orion/platform/identity';
import { isUuid } from '@orion/platform/ids';
import type { LiveChannel } from '@orion/platform/live';
import { Auth, Interactive, Public, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { Device } from '../device/device.entity.js';
import type { DeviceService } from '../device/device.service.js';
import { userError } from '../user-error.js';
import { Session } from './session.entity.js';
import type { RevocationScope } from './revocation.js';
import type { SessionService } from './session.service.js';
import {
  LogoutInput,
  LogoutPayload,
  LogoutScope,
  RefreshTokensInput,
  RefreshTokensPayload,
  RevokeSessionInput,
  RevokeSessionPayload,
  SessionRevoked,
} from './session.types.js';
import type { TokenPairService } from './token-pair.service.js';

@Resolver(() => Session)
export class SessionResolver {
  constructor(
    private readonly sessions: SessionService,
    private readonly devices: DeviceService,
    private readonly tokens: TokenPairService,
    private readonly revocations: LiveChannel<SessionRevoked>,
  ) {}

  @FieldResolver(() => Device, { nullable: true, description: 'The browser or app.' })
  device(@Root() session: Session, @Ctx() context: SubgraphContext): Promise<Device | null> {
    return context.loaders.load(this.devices.byId, session.deviceId);
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who signed in.' })
  user(@Root() session: Session): User {
    return { id: session.userId };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Address of the client at sign-in; null when it is unknown, and for those who may not see addresses.',
  })
  ip(@Root() session: Session, @Ctx() { viewer }: SubgraphContext): string | null {
    const isTheirs = viewer === null || viewer.userId === session.userId;
    return isTheirs || holds(viewer, 'user:read-pii:any') ? session.ip : null;
  }

  @FieldResolver(() => Boolean, { description: 'Whether this very request belongs to it.' })
  isCurrent(@Root() session: Session, @Ctx() context: SubgraphContext): boolean {
    return context.viewer?.sessionId === session.id;
  }

  @Public()
  @Mutation(() => RefreshTokensPayload, {
    description: 'Exchange a refresh token for new tokens. It works once; using it again ends the session.',
  })
  async refreshTokens(
    @Arg('input', () => RefreshTokensInput, { description: 'The token.' }) input: RefreshTokensInput,
    @Ctx() { clientIp: ip, userAgent }: SubgraphContext,
  ): Promise<RefreshTokensPayload> {
    const { refreshToken, deviceToken = null } = input;
    const pair = await this.tokens.rotate({ refreshToken, deviceToken, ip, userAgent });
    return pair === null
      ? { tokens: null, userErrors: [userError('INVALID_REFRESH_TOKEN', ['input', 'refreshToken'])] }
      : { tokens: { ...pair, deviceToken: null }, userErrors: [] };
  }

  @Interactive()
  @Mutation(() => LogoutPayload, { description: 'End sessions of yours: their tokens stop working within a second.' })
  async logout(
    @Arg('input', () => LogoutInput, { defaultValue: { scope: LogoutScope.THIS }, description: 'Which sessions.' })
    input: LogoutInput,
    @Ctx() context: SubgraphContext,
  ): Promise<LogoutPayload> {
    const { userId, sessionId } = viewerOf(context);
    const scopes: Record<LogoutScope, Pick<RevocationScope, 'onlyId' | 'exceptId'>> = {
      THIS: { onlyId: sessionId },
      OTHERS: { exceptId: sessionId },
      ALL: {},
    };
    const ended = await this.sessions.revoke({
      userId,
      reason: 'logout',
      actor: actorOf(context),
      ...scopes[input.scope],
    });
    return { revokedSessions: ended.length, userErrors: [] };
  }

  @Interactive()
  @Mutation(() => RevokeSessionPayload, { description: 'End one of your sessions, for instance on a lost device.' })
  async revokeSession(
    @Arg('input', () => RevokeSessionInput, { description: 'Which session.' }) input: RevokeSessionInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RevokeSessionPayload> {
    const { userId } = viewerOf(context);
    const [session] = isUuid(input.id)
      ? await this.sessions.revoke({ userId, onlyId: input.id, reason: 'revoked', actor: actorOf(context) })
      : [];
    return session === undefined
      ? { session: null, userErrors: [userError('SESSION_NOT_FOUND', ['input', 'id'])] }
      : { session, userErrors: [] };
  }

  @Auth('session:read:own')
  @Subscription(() => SessionRevoked, {
    description: 'Each session of yours that ends, as it ends.',
    subscribe: ({ context }: { context: SubgraphContext }) => context.resolver(SessionResolver).listen(context),
  })
  sessionRevoked(@Root() revoked: SessionRevoked): SessionRevoked {
    return revoked;
  }

  listen(context: SubgraphContext): AsyncIterable<SessionRevoked> {
    return this.revocations.listen(viewerOf(context).userId);
  }
}
