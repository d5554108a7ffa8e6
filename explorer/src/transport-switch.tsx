import { useStore } from './store.js';
import type { Store } from './store.js';
import { TRANSPORTS } from './transports.js';
import type { Transport } from './transports.js';

/** How the next subscription travels. */
export function TransportSwitch({ transport }: { readonly transport: Store<Transport> }) {
  const chosen = useStore(transport);
  return (
    <div className="orion-switch" role="radiogroup" aria-label="Subscriptions over">
      {TRANSPORTS.map((name) => (
        <button
          key={name}
          type="button"
          role="radio"
          aria-checked={name === chosen}
          title={`Subscriptions over ${name === 'SSE' ? 'server-sent events' : 'WebSocket'}`}
          onClick={() => transport.set(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
