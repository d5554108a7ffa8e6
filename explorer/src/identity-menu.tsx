import type { Identity, IdentityState } from './identity.js';
import { useStore } from './store.js';

const ANONYMOUS = '';

/** "Sign in as": the demo accounts and nobody. */
export function IdentityMenu({ identity }: { readonly identity: Identity }) {
  const state = useStore(identity.state);
  if (identity.accounts.length === 0) return null;
  return (
    <label className="orion-control" title={explain(state)}>
      <span className={`orion-dot orion-dot-${state.name === null ? 'idle' : state.phase}`} aria-hidden="true" />
      <span className="orion-label">Sign in as</span>
      <select
        aria-label="Sign in as"
        data-phase={state.phase}
        value={state.name ?? ANONYMOUS}
        onChange={({ target }) => identity.choose(target.value === ANONYMOUS ? null : target.value)}
      >
        {identity.accounts.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        <option value={ANONYMOUS}>anonymous</option>
      </select>
    </label>
  );
}

function explain({ name, phase, problem }: IdentityState): string {
  if (name === null) return 'Operations are sent without a token.';
  if (phase === 'failed') return `Signing in as ${name} failed: ${problem}`;
  return `Operations are sent with a token of ${name}. A header "authorization" of your own wins.`;
}
