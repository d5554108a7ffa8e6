import type { GraphiQLPlugin } from '@graphiql/react';
import type { EventLog, LogEntry } from './event-log.js';
import type { LiveOperations } from './live-operations.js';
import { useStore } from './store.js';

export interface EventLogParts {
  readonly log: EventLog;
  readonly live: LiveOperations;
}

/** The plugin of the event log: the response pane shows only the latest event of the tab in front. */
export function eventLogPlugin(parts: EventLogParts): GraphiQLPlugin {
  return {
    title: 'Event log',
    icon: () => <EventLogIcon {...parts} />,
    content: () => <EventLogPanel {...parts} />,
  };
}

function EventLogIcon({ live }: EventLogParts) {
  const isRunning = useStore(live.running).length > 0;
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
      <path d="M2 10h3l2.5-6 4 12 2.5-6h4" />
      {isRunning && <circle className="orion-running" cx="17" cy="3" r="3" stroke="none" />}
    </svg>
  );
}

function EventLogPanel({ log, live }: EventLogParts) {
  const entries = useStore(log.entries);
  return (
    <section className="orion-log" aria-label="Event log">
      <header>
        <h2>Event log</h2>
        <button type="button" className="graphiql-un-styled orion-button" onClick={() => log.clear()}>
          Clear
        </button>
      </header>
      <RunningOperations live={live} />
      {entries.length === 0 ? (
        <p className="orion-hint">Run a subscription: everything that it tells is listed here, newest first.</p>
      ) : (
        <ol>
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
    </section>
  );
}

function RunningOperations({ live }: Pick<EventLogParts, 'live'>) {
  const running = useStore(live.running);
  if (running.length === 0) return null;
  return (
    <ul className="orion-live">
      {running.map(({ id, title, transport, account, stop }) => (
        <li key={id}>
          <span className="orion-dot orion-dot-signed-in" aria-hidden="true" />
          <span>
            <b>{title}</b> <small>{`${transport}, ${account}`}</small>
          </span>
          <button type="button" className="graphiql-un-styled orion-button" aria-label={`Stop ${title}`} onClick={stop}>
            Stop
          </button>
        </li>
      ))}
    </ul>
  );
}

function Entry({ entry }: { readonly entry: LogEntry }) {
  const { at, title, transport, account, kind, payload } = entry;
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2);
  return (
    <li data-kind={kind}>
      <div className="orion-entry-head">
        <time dateTime={at.toISOString()}>{timeOf(at)}</time>
        <b>{title}</b>
        <small>{`${transport}, ${account}`}</small>
      </div>
      <pre>{text}</pre>
    </li>
  );
}

/** Local time with milliseconds: events come close together. */
function timeOf(at: Date): string {
  return `${at.toLocaleTimeString('en-GB')}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
