import type { LiveNews } from '@orion/platform/live';
import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import { loadOrderedPage, OrderDirection } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { conditionsOf } from './dead-letter-conditions.js';
import type { DeadLetterOperation } from './dead-letter-operation.entity.js';
import { DeadLetter } from './dead-letter.entity.js';
import { DeadLetterOrderField } from './dead-letter.types.js';
import type { DeadLetterFilter, DeadLetterOrder } from './dead-letter.types.js';

const COLUMNS: Readonly<Record<DeadLetterOrderField, string>> = { DIED_AT: 'died_at', TYPE: 'type' };
const LAST_DEATH_FIRST: DeadLetterOrder = { field: DeadLetterOrderField.DIED_AT, direction: OrderDirection.DESC };

const SHOWN_AT_ONCE = 500;
const BEHIND_ALL_IDS = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The place of a change among all changes of dead letters. */
export interface ChangePlace {
  readonly revision: string;
  readonly id: string;
}

/** Reads dead letters. */
export class DeadLetterService {
  readonly byId: BatchLoad<string, DeadLetter | null>;

  constructor(private readonly manager: EntityManager) {
    this.byId = loadById(manager, DeadLetter);
  }

  /** What was asked for about many dead letters in one statement, oldest first. */
  readonly operationsOfLetters: BatchLoad<string, readonly DeadLetterOperation[]> = async (letterIds) => {
    const rows: DeadLetterOperation[] = await this.manager.query(
      `SELECT id, dead_letter_id AS "deadLetterId", kind, requested_by AS "requestedById", requested_at AS "requestedAt",
              reason, data, outcome, settled_at AS "settledAt"
         FROM dead_letter_operations WHERE dead_letter_id = ANY($1::uuid[]) ORDER BY id`,
      [letterIds],
    );
    const byLetter = new Map<string, DeadLetterOperation[]>(letterIds.map((id) => [id, []]));
    for (const row of rows) byLetter.get(row.deadLetterId)?.push(row);
    return letterIds.map((id) => byLetter.get(id) ?? []);
  };

  async page(
    { filter, order }: { readonly filter: DeadLetterFilter | null; readonly order: DeadLetterOrder | null },
    request: PageRequest,
  ): Promise<Connection<DeadLetter>> {
    const { field, direction } = order ?? LAST_DEATH_FIRST;
    const { where, parameters } = conditionsOf(filter, { first: 3 });
    return loadOrderedPage(this.manager, DeadLetter, {
      request,
      column: COLUMNS[field],
      direction,
      where: ['true', ...where],
      parameters,
    });
  }

  /** What changed after a place, in order; nothing, and the place of the last change, for null. */
  async changedAfter(place: ChangePlace | null): Promise<LiveNews<DeadLetter, ChangePlace>> {
    if (place === null) {
      const [row]: { readonly revision: string }[] = await this.manager.query(
        'SELECT revision FROM dead_letter_revision',
      );
      return { values: [], cursor: { revision: row?.revision ?? '0', id: BEHIND_ALL_IDS } };
    }
    const values = await this.manager
      .createQueryBuilder(DeadLetter, 't')
      .where('(t.revision, t.id) > (:revision, :id)', place)
      .orderBy('t.revision')
      .addOrderBy('t.id')
      .limit(SHOWN_AT_ONCE)
      .getMany();
    const last = values.at(-1);
    return { values, cursor: last === undefined ? place : { revision: last.revision, id: last.id } };
  }
}
