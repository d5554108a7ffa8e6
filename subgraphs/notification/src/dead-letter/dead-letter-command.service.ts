import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { In } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { Operator } from '../operator/operator.js';
import type { UserError } from '../user-error.js';
import { auditEvent, commandEvent, toCommands } from './dead-letter-command.events.js';
import type { BulkOperation, MarkedLetter } from './dead-letter-command.events.js';
import { DeadLetterOperationKind } from './dead-letter-operation.entity.js';
import { faultsOf } from './dead-letter-faults.js';
import { DeadLetter } from './dead-letter.entity.js';
import { nextRevision } from './dead-letter-revision.js';
import { OPERABLE } from './dead-letter-selection.js';
import type { DeadLetterSelection } from './dead-letter-selection.js';

const MOST_AT_ONCE = 10_000;
const SHOWN = 100;

/** What came of asking for it. */
export interface BulkResult {
  readonly matched: number;
  readonly accepted: number;
  readonly deadLetters: DeadLetter[];
  readonly userErrors: UserError[];
}

/** Asks the services of groups to operate on their dead events. */
export class DeadLetterCommandService {
  constructor(private readonly database: DataSource) {}

  /** How many it would be; nothing happens. */
  async count(selection: DeadLetterSelection): Promise<BulkResult> {
    const { manager } = this.database;
    const { matched, operable } = await countSelected(manager, selection);
    const rows: { readonly id: string }[] = await manager.query(
      `SELECT t.id FROM dead_letters t WHERE ${[...selection.where, OPERABLE].join(' AND ')}
        ORDER BY t.died_at, t.id LIMIT ${SHOWN}`,
      [...selection.parameters],
    );
    return {
      matched,
      accepted: Math.min(operable, MOST_AT_ONCE),
      deadLetters: await loadShown(manager, rows),
      userErrors: await faultsOf(manager, selection, new Set()),
    };
  }

  /** Marks those that can be operated on and asks their services, in one transaction. */
  request(selection: DeadLetterSelection, operation: BulkOperation, operator: Operator): Promise<BulkResult> {
    return this.database.transaction(async (manager) => {
      const revision = await nextRevision(manager);
      const { matched } = await countSelected(manager, selection);
      const marked = await mark(manager, { selection, operation, revision });
      const commands = toCommands(marked);
      const envelopes = await publish(manager, [
        ...commands.map((command) => commandEvent(command, operation, operator)),
        ...commands.map((command) => auditEvent(command, operation, operator)),
      ]);
      for (const [index, { letters }] of commands.entries()) {
        const commandId = envelopes[index]?.id ?? '';
        await recordOperations(manager, { letters, operation, operator, commandId });
      }
      return {
        matched,
        accepted: marked.length,
        deadLetters: await loadShown(manager, marked.slice(0, SHOWN)),
        userErrors: await faultsOf(manager, selection, new Set(marked.map(({ id }) => id))),
      };
    });
  }
}

function loadShown(manager: EntityManager, rows: readonly { readonly id: string }[]): Promise<DeadLetter[]> {
  return manager.find(DeadLetter, {
    where: { id: In(rows.map(({ id }) => id)) },
    order: { diedAt: 'ASC', id: 'ASC' },
  });
}

async function countSelected(
  manager: EntityManager,
  { where, parameters }: DeadLetterSelection,
): Promise<{ readonly matched: number; readonly operable: number }> {
  const [row]: { readonly matched: number; readonly operable: number }[] = await manager.query(
    `SELECT count(*)::int AS matched, (count(*) FILTER (WHERE ${OPERABLE}))::int AS operable
       FROM dead_letters t WHERE ${where.join(' AND ')}`,
    [...parameters],
  );
  return row ?? { matched: 0, operable: 0 };
}

/** One conditional UPDATE: of two operators who want the same, one gets it. */
async function mark(
  manager: EntityManager,
  {
    selection: { where, parameters },
    operation,
    revision,
  }: {
    readonly selection: DeadLetterSelection;
    readonly operation: BulkOperation;
    readonly revision: string;
  },
): Promise<readonly MarkedLetter[]> {
  const state = operation.kind === DeadLetterOperationKind.REDRIVE ? 'REDRIVING' : 'DISCARDING';
  const next = parameters.length;
  const [rows]: [MarkedLetter[], number] = await manager.query(
    `UPDATE dead_letters SET state = $${next + 1}, requested_at = now(), revision = $${next + 2}
      WHERE id IN (SELECT t.id FROM dead_letters t WHERE ${[...where, OPERABLE].join(' AND ')}
                    ORDER BY t.died_at, t.id LIMIT ${MOST_AT_ONCE})
      RETURNING id, grp AS "group", event_id AS "eventId"`,
    [...parameters, state, revision],
  );
  return rows;
}

async function recordOperations(
  manager: EntityManager,
  {
    letters,
    operation,
    operator,
    commandId,
  }: {
    readonly letters: readonly MarkedLetter[];
    readonly operation: BulkOperation;
    readonly operator: Operator;
    readonly commandId: string;
  },
): Promise<void> {
  await manager.query(
    `INSERT INTO dead_letter_operations (id, dead_letter_id, kind, requested_by, reason, command_id)
     SELECT id, letter_id, $3, $4, $5, $6 FROM unnest($1::uuid[], $2::uuid[]) AS row (id, letter_id)`,
    [
      letters.map(() => uuidv7()),
      letters.map(({ id }) => id),
      operation.kind,
      operator.userId,
      operation.kind === DeadLetterOperationKind.DISCARD ? operation.reason : null,
      commandId,
    ],
  );
}
