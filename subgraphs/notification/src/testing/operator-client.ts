import { uuidv7 } from '@orion/platform/ids';
import type { Viewer } from '@orion/platform/identity';
import { eventually, testViewer } from '@orion/platform/testing';
import type { NotificationFixture } from './notification-fixture.js';
import { POISON, profileEvent } from './poisoned-service.js';
import type { PoisonedService } from './poisoned-service.js';

/** Somebody who may look at dead letters and operate on them. */
export const operator = testViewer({ permissions: ['deadletter:read:any', 'deadletter:manage:any'] });

/** Everything that a dead letter tells. */
export const LETTER = `id service group eventId type key source topic occurredAt correlationId causationId actor { id } data error
  attempts diedAt state requestedAt settledAt reason
  operations { kind requestedBy { id } requestedAt reason data outcome settledAt }`;

type Answer = Awaited<ReturnType<NotificationFixture['query']>>;
type Inputs = Readonly<Record<string, unknown>>;

/** An operator at work on the dead letters of one service. */
// The shapes are the queries' business; a test reads what it asked for.
/* oxlint-disable typescript/no-explicit-any */
export interface OperatorClient {
  ask(document: string, variables?: Inputs, viewer?: Viewer): Promise<Answer>;
  /** Dead letters of the service's group, unless the filter says otherwise. */
  list(filter?: Inputs): Promise<any[]>;
  letter(id: string): Promise<any>;
  /** The letter, as soon as it is in the state. */
  inState(id: string, state: string): Promise<any>;
  /** Kills an event in the service's group; resolves with the event and its dead letter. */
  kill(
    name?: string,
    overrides?: Parameters<typeof profileEvent>[1],
  ): Promise<{ event: ReturnType<typeof profileEvent>; dead: any }>;
  /** Runs a mutation: the fields of its payload, and `errors`. */
  operate(mutation: string, input: Inputs, viewer?: Viewer): Promise<any>;
  /** What this subgraph told the audit log about an event. */
  audits(eventId: string): Promise<any[]>;
  /** How many requests to services are on the bus. */
  commandsOnBus(): Promise<number>;
}
/* oxlint-enable typescript/no-explicit-any */

export function createOperatorClient(notification: NotificationFixture, other: PoisonedService): OperatorClient {
  const ask: OperatorClient['ask'] = (document, variables = {}, viewer = operator) =>
    notification.query(document, { viewer, variables });
  const list: OperatorClient['list'] = async (filter = {}) => {
    const { data, errors } = await ask(
      `query ($filter: DeadLetterFilter) { deadLetters(filter: $filter, first: 50) { nodes { ${LETTER} } } }`,
      { filter: { group: other.group, ...filter } },
    );
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return data.deadLetters.nodes;
  };
  const letter: OperatorClient['letter'] = async (id) =>
    (await ask(`query ($id: ID!) { deadLetter(id: $id) { ${LETTER} } }`, { id })).data.deadLetter;
  return {
    ask,
    list,
    letter,
    inState: (id, state) =>
      eventually(async () => {
        const found = await letter(id);
        return found.state === state && found;
      }),
    async kill(name = `${POISON} ${uuidv7()}`, overrides = {}) {
      const event = profileEvent(name, overrides);
      await notification.emit(event);
      const dead = await eventually(async () =>
        (await list()).find(({ eventId, state }) => eventId === event.id && state === 'DEAD'),
      );
      return { event, dead };
    },
    async operate(mutation, input, viewer = operator) {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const fields =
        mutation === 'editDeadLetter' ? `deadLetter { ${LETTER} }` : `matched accepted deadLetters { id state }`;
      const { data, errors } = await ask(
        `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${fields} userErrors { code message path } } }`,
        { input },
        viewer,
      );
      return { ...data?.[mutation], errors };
    },
    async audits(eventId) {
      const rows = await notification.bus<{ data: { targets: { id: string }[] } }>(
        `SELECT envelope->'data' AS data FROM log
          WHERE type = 'dev.orion.audit.recorded.v1' AND envelope->'data'->>'service' = 'notification' ORDER BY seq`,
      );
      return rows.map(({ data }) => data).filter(({ targets }) => targets.some(({ id }) => id === eventId));
    },
    commandsOnBus: async () =>
      (await notification.bus(`SELECT 1 FROM log WHERE type LIKE 'dev.orion.dead_letter.%requested%'`)).length,
  };
}
