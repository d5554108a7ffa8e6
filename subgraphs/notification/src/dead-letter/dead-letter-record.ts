import type { deadLetterSettled, eventDeadLettered } from '@orion/platform/event-contracts';
import type { TypedEvent } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { storableText } from '@orion/platform/json';
import type { EntityManager } from 'typeorm';
import { DeadLetterOutcome } from './dead-letter-operation.entity.js';
import { DeadLetterState } from './dead-letter.entity.js';
import { nextRevision } from './dead-letter-revision.js';

type DataOf<Contract extends { of(data: never): unknown }> = Parameters<Contract['of']>[0];
type Death = TypedEvent<DataOf<typeof eventDeadLettered>>;
type Settlement = TypedEvent<DataOf<typeof deadLetterSettled>>;

/** Notes that a group gave up on an event, for the first time or again. */
export async function recordDeath(manager: EntityManager, { data, time }: Death): Promise<void> {
  const revision = await nextRevision(manager);
  const rows: { readonly id: string }[] = await manager.query(
    `INSERT INTO dead_letters AS letter
       (id, service, grp, event_id, type, key, envelope, error, attempts, died_at, state, revision)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'DEAD', $11)
     ON CONFLICT (grp, event_id) DO UPDATE
       SET service = excluded.service, type = excluded.type, key = excluded.key, envelope = excluded.envelope,
           error = excluded.error, attempts = excluded.attempts, died_at = excluded.died_at, state = 'DEAD',
           requested_at = NULL, settled_at = NULL, reason = NULL, revision = excluded.revision
       -- The notice of a death that is known may come once more, long after.
       WHERE excluded.died_at > letter.died_at
     RETURNING id`,
    [
      uuidv7(),
      storableText(data.service ?? serviceOf(data.group)),
      storableText(data.group),
      data.eventId,
      storableText(data.eventType),
      data.event === undefined ? null : storableText(data.event.key),
      data.event === undefined ? null : JSON.stringify(data.event),
      storableText(data.error),
      data.attempts ?? null,
      data.diedAt ?? time,
      revision,
    ],
  );
  const [letter] = rows;
  if (letter !== undefined)
    await answerRedrive(manager, letter.id, { outcome: DeadLetterOutcome.DIED_AGAIN, at: time });
}

/** Before notices named it: a group is called like its service, or begins with its name. */
const serviceOf = (group: string): string => group.split('.')[0] ?? group;

/** Notes what the service of a group made of a dead event. */
export async function recordSettlement(manager: EntityManager, { data, causationId }: Settlement): Promise<void> {
  const revision = await nextRevision(manager);
  const [letter]: { readonly id: string; readonly state: DeadLetterState }[] = await manager.query(
    'SELECT id, state FROM dead_letters WHERE grp = $1 AND event_id = $2',
    [data.group, data.eventId],
  );
  // Its death has not been heard of, so nobody sees it, and nobody can have asked for anything here.
  if (letter === undefined) return;
  const outcome = OUTCOMES[data.outcome];
  const answered = await answer(manager, letter.id, {
    commandId: causationId,
    outcome,
    at: data.settledAt,
    // An operator's own words are there already.
    refusal: data.outcome === 'refused' ? data.reason : null,
  });
  if (!answered && outcome === DeadLetterOutcome.PROCESSED) {
    await answerRedrive(manager, letter.id, { outcome, at: data.settledAt });
  }
  const state = stateAfter(outcome, letter.state);
  if (state === null) return;
  const isPending = state === DeadLetterState.REDRIVING;
  const isSettled = !isPending && state !== DeadLetterState.DEAD;
  await manager.query(
    `UPDATE dead_letters
        SET state = $2, revision = $3, settled_at = $4, attempts = coalesce($5, attempts),
            requested_at = CASE WHEN $6 THEN coalesce(requested_at, $7) END,
            reason = CASE WHEN $2 = 'DISCARDED' THEN $8 END
      WHERE id = $1`,
    [
      letter.id,
      state,
      revision,
      isSettled ? data.settledAt : null,
      data.attempts ?? null,
      isPending,
      data.settledAt,
      data.reason === null ? null : storableText(data.reason),
    ],
  );
}

const OUTCOMES: Readonly<Record<Settlement['data']['outcome'], DeadLetterOutcome>> = {
  redriven: DeadLetterOutcome.REDRIVEN,
  edited: DeadLetterOutcome.EDITED,
  discarded: DeadLetterOutcome.DISCARDED,
  processed: DeadLetterOutcome.PROCESSED,
  refused: DeadLetterOutcome.REFUSED,
  gone: DeadLetterOutcome.GONE,
};

const PENDING: ReadonlySet<DeadLetterState> = new Set([
  DeadLetterState.REDRIVING,
  DeadLetterState.EDITING,
  DeadLetterState.DISCARDING,
]);

/** Null: it stays as it is. Whoever asks twice is answered twice, and the second answer may only be "gone". */
function stateAfter(outcome: DeadLetterOutcome, before: DeadLetterState): DeadLetterState | null {
  const isPending = PENDING.has(before);
  switch (outcome) {
    case DeadLetterOutcome.PROCESSED:
      return DeadLetterState.PROCESSED;
    case DeadLetterOutcome.DISCARDED:
      return DeadLetterState.DISCARDED;
    case DeadLetterOutcome.REDRIVEN:
      return before === DeadLetterState.DEAD || before === DeadLetterState.REDRIVING ? DeadLetterState.REDRIVING : null;
    case DeadLetterOutcome.EDITED:
    case DeadLetterOutcome.REFUSED:
      return isPending ? DeadLetterState.DEAD : null;
    case DeadLetterOutcome.GONE:
      return isPending ? DeadLetterState.GONE : null;
    case DeadLetterOutcome.DIED_AGAIN:
      return null;
  }
}

/** Notes the answer to a request; an edit that was carried out shows in the event. False when the request is not known. */
async function answer(
  manager: EntityManager,
  letterId: string,
  {
    commandId,
    outcome,
    at,
    refusal,
  }: {
    readonly commandId: string;
    readonly outcome: DeadLetterOutcome;
    readonly at: string;
    readonly refusal: string | null;
  },
): Promise<boolean> {
  const [rows]: [{ readonly kind: string; readonly data: unknown }[], number] = await manager.query(
    `UPDATE dead_letter_operations SET outcome = $3, settled_at = $4, reason = coalesce($5, reason)
      WHERE dead_letter_id = $1 AND command_id::text = $2 RETURNING kind, data`,
    [letterId, commandId, outcome, at, refusal === null ? null : storableText(refusal)],
  );
  const [operation] = rows;
  const isCarriedOut = outcome === DeadLetterOutcome.EDITED || outcome === DeadLetterOutcome.REDRIVEN;
  if (operation?.kind === 'EDIT' && isCarriedOut) await putData(manager, letterId, operation.data);
  return operation !== undefined;
}

async function putData(manager: EntityManager, letterId: string, data: unknown): Promise<void> {
  const [letter]: { readonly envelope: object | null }[] = await manager.query(
    'SELECT envelope FROM dead_letters WHERE id = $1',
    [letterId],
  );
  if (letter?.envelope == null) return;
  await manager.query('UPDATE dead_letters SET envelope = $2 WHERE id = $1', [
    letterId,
    JSON.stringify({ ...letter.envelope, data }),
  ]);
}

/** Notes what came of the redrive that was carried out last, when one was. */
async function answerRedrive(
  manager: EntityManager,
  letterId: string,
  { outcome, at }: { readonly outcome: DeadLetterOutcome; readonly at: string },
): Promise<void> {
  await manager.query(
    `UPDATE dead_letter_operations SET outcome = $2, settled_at = $3
      WHERE id = (SELECT id FROM dead_letter_operations WHERE dead_letter_id = $1 AND outcome = 'REDRIVEN'
                   ORDER BY id DESC LIMIT 1)`,
    [letterId, outcome, at],
  );
}

/** Forgets what dead events say about a person who was deleted. */
export async function forgetPerson(manager: EntityManager, userId: string): Promise<void> {
  const revision = await nextRevision(manager);
  await manager.query(
    `UPDATE dead_letter_operations SET data = NULL
      WHERE dead_letter_id IN (SELECT id FROM dead_letters WHERE key = $1)`,
    [userId],
  );
  await manager.query('UPDATE dead_letters SET envelope = NULL, revision = $2 WHERE key = $1', [userId, revision]);
}
