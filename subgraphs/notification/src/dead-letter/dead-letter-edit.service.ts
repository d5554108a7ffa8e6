import { allEventContracts, deadLetterEditRequested } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { isUuid, uuidv7 } from '@orion/platform/ids';
import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';
import { auditOf } from '../operator/operator.js';
import type { Operator } from '../operator/operator.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { notDead } from './dead-letter-faults.js';
import { DeadLetter } from './dead-letter.entity.js';
import { nextRevision } from './dead-letter-revision.js';
import { OPERABLE } from './dead-letter-selection.js';

/** UTF-8 bytes of the data as JSON; the rest of an event has room besides. */
const MOST_BYTES = 240 * 1024;

/** Other data for a dead event. */
export interface Edit {
  readonly id: string;
  readonly data: unknown;
  readonly redrive: boolean;
}

/** The dead letter after it, or why it was refused. */
export interface EditResult {
  readonly deadLetter: DeadLetter | null;
  readonly userErrors: UserError[];
}

/** Asks the service of a group to give a dead event other data. */
export class DeadLetterEditService {
  constructor(private readonly database: DataSource) {}

  /** Marks it and asks its service, in one transaction. */
  edit(edit: Edit, operator: Operator): Promise<EditResult> {
    return this.database.transaction(async (manager) => {
      const revision = await nextRevision(manager);
      const letter = isUuid(edit.id) ? await manager.findOneBy(DeadLetter, { id: edit.id }) : null;
      if (letter === null) return refused(userError('NOT_FOUND', ['input', 'id']));
      const fault = faultOf(letter.type, edit.data);
      if (fault !== null) return refused(userError('INVALID_DATA', ['input', 'data'], fault));
      if (!(await mark(manager, { edit, revision }))) return refused(notDead(letter.state, ['input', 'id']));
      await request(manager, { letter, edit, operator });
      return { deadLetter: await manager.findOneByOrFail(DeadLetter, { id: letter.id }), userErrors: [] };
    });
  }
}

const refused = (fault: UserError): EditResult => ({ deadLetter: null, userErrors: [fault] });

/** Null when the data is good. Of a type that nobody here knows it cannot be told: the group decides. */
function faultOf(type: string, data: unknown): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(data) ?? '');
  if (bytes > MOST_BYTES) return `The data has ${bytes} bytes, at most ${MOST_BYTES} are allowed.`;
  const contract = allEventContracts.find((known) => known.type === type);
  const parsed = contract?.schema.safeParse(data);
  if (parsed === undefined || parsed.success) return null;
  const problems = parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'data'}: ${message}`);
  return `The data breaks the contract of ${type}: ${problems.join('; ')}`;
}

async function mark(
  manager: EntityManager,
  { edit, revision }: { readonly edit: Edit; readonly revision: string },
): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `UPDATE dead_letters t SET state = $2, requested_at = now(), revision = $3 WHERE id = $1 AND ${OPERABLE}`,
    [edit.id, edit.redrive ? 'REDRIVING' : 'EDITING', revision],
  );
  return count === 1;
}

async function request(
  manager: EntityManager,
  {
    letter,
    edit: { data, redrive },
    operator,
  }: { readonly letter: DeadLetter; readonly edit: Edit; readonly operator: Operator },
): Promise<void> {
  const { group, eventId } = letter;
  const [command] = await publish(manager, [
    deadLetterEditRequested.of({ group, eventId, data, redrive, requestedById: operator.userId }),
    // What the data says may concern people: the history of the dead letter has it, the audit log does not.
    auditOf(operator, {
      action: 'dead_letter.edit_requested',
      targets: [{ type: 'event', id: eventId }],
      reason: null,
      details: { group, redrive },
    }),
  ]);
  await manager.query(
    `INSERT INTO dead_letter_operations (id, dead_letter_id, kind, requested_by, data, command_id)
     VALUES ($1, $2, 'EDIT', $3, $4, $5)`,
    [uuidv7(), letter.id, operator.userId, JSON.stringify(data), command?.id],
  );
}
