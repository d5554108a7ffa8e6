/** Somebody whose password everybody may know. */
export interface DemoAccount {
  readonly name: string;
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/**
 * The accounts that this server offers to sign in as. The bundle has none: a server in demo mode replaces `demo.json`
 * beside the page.
 */
export async function loadDemoAccounts(): Promise<readonly DemoAccount[]> {
  const response = await fetch('demo.json', { headers: { accept: 'application/json' }, cache: 'no-store' });
  if (!response.ok) return [];
  const { accounts } = (await response.json()) as { readonly accounts: readonly DemoAccount[] };
  return accounts;
}
