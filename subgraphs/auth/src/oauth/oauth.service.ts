import { forbidden, stepUpRequired, unauthenticated } from '@orion/platform/errors';
import type { Viewer } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import type { Logger } from '@orion/platform/log';
import type { Sealer } from '@orion/platform/sealing';
import { STEP_UP_SECONDS } from '@orion/platform/subgraph';
import type { DataSource, EntityManager } from 'typeorm';
import { Account, AccountStatus } from '../account/account.entity.js';
import { readEmail } from '../account/email-address.js';
import { LoginMethod } from '../login-attempt/login-attempt.types.js';
import { attemptOf, recordLoginAttempt } from '../login-attempt/record-login-attempt.js';
import { purgeUnproven } from '../registration/purge-unproven.js';
import type { RegistrationService } from '../registration/registration.service.js';
import type { SessionService } from '../session/session.service.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { SignInOutcome, SignInService } from '../sign-in/sign-in.service.js';
import { checkIdentity } from './check-identity.js';
import { displayNameOf } from './display-name-of.js';
import { ProviderUnreachableError } from './guarded-fetch.js';
import { linkIdentity, useIdentity } from './identities.js';
import { ProviderRefusedError } from './identity-source.js';
import type { ForeignIdentity } from './identity-source.js';
import type { IdentitySources } from './identity-sources.js';
import type { OAuthAccount } from './oauth-account.entity.js';
import type { oauthErrors } from './oauth.errors.js';
import { OAuthIntent } from './oauth.types.js';
import type { CompleteOAuthInput, StartOAuthInput } from './oauth.types.js';
import { endVisit, rememberVisit } from './oauth-visits.js';
import type { Linker, ReturnedVisit } from './oauth-visits.js';
import { refusalOfLinking } from './refusal-of-linking.js';

interface Refusal {
  readonly kind: 'refused';
  readonly code: keyof typeof oauthErrors | 'SECOND_FACTOR_REQUIRED';
}

/** Where to send the browser, and what it keeps. */
export type OAuthStart =
  | { readonly kind: 'started'; readonly authorizationUrl: string; readonly state: string }
  | Refusal;

/** What came of it. */
export type OAuthCompletion = SignInOutcome | { readonly kind: 'linked'; readonly account: OAuthAccount } | Refusal;

/** How somebody proved who they are: elsewhere (RFC 8176 has no code for it; `fed` is what providers use). */
const BY_PROVIDER = ['fed'];

/** Signs in with identities at providers, and links them. */
export class OAuthService {
  constructor(
    private readonly database: DataSource,
    private readonly parts: {
      readonly sources: IdentitySources;
      readonly signIns: SignInService;
      readonly registration: RegistrationService;
      readonly sessions: SessionService;
      readonly sealer: Sealer;
      readonly logger: Logger;
    },
  ) {}

  async start({ provider, redirectUri, intent }: StartOAuthInput, viewer: Viewer | null): Promise<OAuthStart> {
    const linker = intent === OAuthIntent.LINK ? linkerOf(viewer) : null;
    const source = this.parts.sources.of(provider);
    if (source === null) return { kind: 'refused', code: 'OAUTH_PROVIDER_NOT_OFFERED' };
    if (!this.parts.sources.redirectUris.includes(redirectUri))
      return { kind: 'refused', code: 'OAUTH_REDIRECT_NOT_ALLOWED' };
    if (viewer !== null && linker !== null) {
      const refusal = await this.database.transaction((manager) => refusalOfLinking(manager, viewer));
      if (refusal !== null) return { kind: 'refused', code: refusal };
    }
    const { manager } = this.database;
    const visiting = { provider, intent, redirectUri, linker, sealer: this.parts.sealer };
    const { visit, kept } = await rememberVisit(manager, visiting);
    return this.asking(async () => {
      const authorizationUrl = (await source.authorizationUrl(visit)).href;
      return { kind: 'started', authorizationUrl, state: kept };
    });
  }

  async complete(
    { state, code, iss = null, deviceToken = null }: CompleteOAuthInput,
    viewer: Viewer | null,
    origin: LoginOrigin,
  ): Promise<OAuthCompletion> {
    const { manager } = this.database;
    const visit = await endVisit(manager, { kept: state, linker: ownSessionOf(viewer), sealer: this.parts.sealer });
    const source = visit === null ? null : this.parts.sources.of(visit.provider);
    if (visit === null || source === null) return { kind: 'refused', code: 'OAUTH_STATE_INVALID' };
    return this.asking(async () => {
      const identity = checkIdentity(await source.identify(visit, { code, iss }));
      return this.database.transaction((transaction) =>
        visit.intent === OAuthIntent.LINK
          ? this.link(transaction, { visit, identity, viewer, origin })
          : this.signIn(transaction, { visit, identity, deviceToken, origin }),
      );
    });
  }

  private async link(
    manager: EntityManager,
    {
      visit,
      identity,
      viewer,
      origin,
    }: { visit: ReturnedVisit; identity: ForeignIdentity; viewer: Viewer | null; origin: LoginOrigin },
  ): Promise<OAuthCompletion> {
    if (viewer === null) throw unauthenticated();
    const refusal = await refusalOfLinking(manager, viewer);
    if (refusal !== null) return { kind: 'refused', code: refusal };
    const { userId } = viewer;
    const account = await linkIdentity(manager, { userId, provider: visit.provider, identity, origin });
    return account === null ? { kind: 'refused', code: 'IDENTITY_IN_USE' } : { kind: 'linked', account };
  }

  private async signIn(
    manager: EntityManager,
    {
      visit,
      identity,
      deviceToken,
      origin,
    }: { visit: ReturnedVisit; identity: ForeignIdentity; deviceToken: string | null; origin: LoginOrigin },
  ): Promise<OAuthCompletion> {
    const userId =
      (await useIdentity(manager, identity)) ?? (await this.accountFor(manager, { visit, identity, origin }));
    if (userId === null) return { kind: 'refused', code: 'OAUTH_EMAIL_NOT_VERIFIED' };
    const outcome = await this.parts.signIns.proceed(manager, { userId, methods: BY_PROVIDER, deviceToken, ...origin });
    const email = identity.email === null ? null : (readEmail(identity.email)?.canonical ?? null);
    await recordLoginAttempt(manager, { email, userId, method: LoginMethod.OAUTH, ...attemptOf(outcome), ...origin });
    return outcome;
  }

  /**
   * For an identity that nobody has. An address decides only when both sides have proved it: the provider that it is
   * theirs, and the account here that it is its owner's. What somebody set up here before the address was proved goes.
   */
  private async accountFor(
    manager: EntityManager,
    { visit, identity, origin }: { visit: ReturnedVisit; identity: ForeignIdentity; origin: LoginOrigin },
  ): Promise<string | null> {
    const address = identity.email === null || !identity.emailVerified ? null : readEmail(identity.email);
    if (address === null) return null;
    const id = uuidv7();
    const displayName = displayNameOf(identity, address);
    const { locale } = identity;
    const created = { id, address, passwordHash: null, displayName, locale: locale ?? 'en', verified: true };
    const isNew = await this.parts.registration.create(manager, created);
    const account = isNew ? null : await ownerOf(manager, address.canonical);
    const userId = isNew ? id : (account?.id ?? null);
    // Whoever may not sign in is refused by what follows, and gets no new way in before.
    if (userId === null || (account !== null && account.status !== AccountStatus.ACTIVE)) return userId;
    if (account !== null && account.emailVerifiedAt === null) await purgeUnproven(manager, userId, this.parts.sessions);
    await linkIdentity(manager, { userId, provider: visit.provider, identity, origin });
    return userId;
  }

  private async asking<T>(work: () => Promise<T>): Promise<T | Refusal> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProviderRefusedError) {
        this.parts.logger.warn({ err: error }, 'what came back from a provider proves nothing');
        return { kind: 'refused', code: 'OAUTH_DENIED' };
      }
      if (error instanceof ProviderUnreachableError) {
        this.parts.logger.warn({ err: error }, 'a provider cannot be asked');
        return { kind: 'refused', code: 'OAUTH_PROVIDER_UNAVAILABLE' };
      }
      throw error;
    }
  }
}

function ownerOf(manager: EntityManager, emailCanonical: string): Promise<Account | null> {
  return manager.findOne(Account, { where: { emailCanonical }, lock: { mode: 'for_no_key_update' } });
}

/** A session of their own; null for a key, and for who acts as somebody else. */
function ownSessionOf(viewer: Viewer | null): Linker | null {
  return viewer === null || viewer.kind !== 'session' || viewer.impersonatorId !== null ? null : viewer;
}

/** Throws unless the viewer proved a short time ago who they are: what is linked lets somebody in for good. */
function linkerOf(viewer: Viewer | null): Linker {
  if (viewer === null) throw unauthenticated();
  const linker = ownSessionOf(viewer);
  if (linker === null) throw forbidden('interactive', 'This needs a session of your own.');
  if (Date.now() / 1_000 - viewer.authenticatedAt > STEP_UP_SECONDS) throw stepUpRequired(STEP_UP_SECONDS);
  return linker;
}
