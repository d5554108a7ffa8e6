import type { DemoAccount } from './demo.js';
import { postOperation } from './graphql-request.js';
import { createStore } from './store.js';
import type { Store } from './store.js';

/** As whom operations are sent. */
export interface IdentityState {
  /** Name of a demo account; null for anonymous. */
  readonly name: string | null;
  readonly phase: 'idle' | 'signing-in' | 'signed-in' | 'failed';
  /** Why nobody is signed in, when `failed`. */
  readonly problem: string | null;
}

/** Signs in as the chosen demo account when a token is first needed, and again when it has expired. */
export interface Identity {
  readonly accounts: readonly DemoAccount[];
  readonly state: Store<IdentityState>;
  choose(name: string | null): void;
  /** Value of the header `authorization` for an account; null for anonymous. Throws when signing in is refused. */
  authorization(name: string | null): Promise<string | null>;
  /** Drops a token that the server no longer takes. */
  forget(authorization: string): void;
}

interface Tokens {
  readonly accessToken: string;
  readonly deviceToken: string;
  readonly expiresAt: string;
}

interface LoginAnswer {
  readonly login: { readonly tokens: Tokens | null; readonly userErrors: readonly { readonly message: string }[] };
}

const LOGIN = `mutation SignIn($input: LoginInput!) {
  login(input: $input) { tokens { accessToken deviceToken expiresAt } userErrors { message } }
}`;
const CHOICE_KEY = 'orion:identity';
const tokensKey = (name: string): string => `orion:tokens:${name}`;
const deviceKey = (name: string): string => `orion:device:${name}`;
/** A token that ends while it is on its way is of no use. */
const MARGIN_MS = 10_000;

export function createIdentity(accounts: readonly DemoAccount[]): Identity {
  const state = createStore<IdentityState>({ name: firstChoice(accounts), phase: 'idle', problem: null });
  const signingIn = new Map<string, Promise<Tokens>>();

  function tokensOf(account: DemoAccount): Promise<Tokens> {
    const kept = keptTokens(account);
    if (kept !== null) return Promise.resolve(kept);
    const started = signingIn.get(account.name);
    if (started !== undefined) return started;
    const attempt = signIn(account).finally(() => signingIn.delete(account.name));
    signingIn.set(account.name, attempt);
    return attempt;
  }

  async function authorization(name: string | null): Promise<string | null> {
    const account = accounts.find((candidate) => candidate.name === name);
    if (account === undefined) return null;
    const report = (phase: IdentityState['phase'], problem: string | null = null): void => {
      // Somebody else may have been chosen meanwhile.
      if (state.get().name === name) state.set({ name, phase, problem });
    };
    if (keptTokens(account) === null) report('signing-in');
    try {
      const { accessToken } = await tokensOf(account);
      report('signed-in');
      return `Bearer ${accessToken}`;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      report('failed', problem);
      throw new Error(`Signing in as ${account.name} failed: ${problem}`, { cause: error });
    }
  }

  return {
    accounts,
    state,
    choose: (name) => {
      sessionStorage.setItem(CHOICE_KEY, name ?? '');
      state.set({ name, phase: 'idle', problem: null });
      // The state tells how it went.
      authorization(name).catch(() => undefined);
    },
    authorization,
    forget: (value) => {
      for (const account of accounts) {
        if (value === `Bearer ${keptTokens(account)?.accessToken}`) sessionStorage.removeItem(tokensKey(account.name));
      }
    },
  };
}

/** The examples are about the first account, unless this browser tab has chosen before. */
function firstChoice(accounts: readonly DemoAccount[]): string | null {
  const chosen = sessionStorage.getItem(CHOICE_KEY);
  if (chosen === '') return null;
  return (accounts.find(({ name }) => name === chosen) ?? accounts[0])?.name ?? null;
}

function keptTokens({ name }: DemoAccount): Tokens | null {
  const text = sessionStorage.getItem(tokensKey(name));
  if (text === null) return null;
  const tokens = JSON.parse(text) as Tokens;
  return Date.parse(tokens.expiresAt) - MARGIN_MS > Date.now() ? tokens : null;
}

async function signIn({ name, email, password }: DemoAccount): Promise<Tokens> {
  // The same device each time: a sign-in on a new one alerts the account.
  const deviceToken = localStorage.getItem(deviceKey(name));
  const { result } = await postOperation({ query: LOGIN, variables: { input: { email, password, deviceToken } } }, {});
  const { tokens, userErrors } = (result.data as LoginAnswer | null | undefined)?.login ?? {};
  if (tokens === undefined || tokens === null) {
    throw new Error(userErrors?.[0]?.message ?? result.errors?.[0]?.message ?? 'the server said nothing about it');
  }
  localStorage.setItem(deviceKey(name), tokens.deviceToken);
  sessionStorage.setItem(tokensKey(name), JSON.stringify(tokens));
  return tokens;
}
