import { badUserInput } from '@orion/platform/errors';
import { createConditions, FEW, loadOrderedPage, OrderDirection } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { UserOrderField } from './directory.types.js';
import type { UserFilter, UserOrder } from './directory.types.js';
import { prefixQuery } from './search-words.js';
import { User } from './user.entity.js';

const COLUMNS: Readonly<Record<UserOrderField, string>> = {
  CREATED_AT: 'created_at',
  DISPLAY_NAME: 'sort_name',
  LAST_SEEN: 'seen_order',
};
const NEWEST_FIRST: UserOrder = { field: UserOrderField.CREATED_AT, direction: OrderDirection.DESC };
const SHORTEST_SEARCH = 2;
const LONGEST_SEARCH = 100;

/** What a list of users shows. */
export interface DirectoryRequest {
  readonly request: PageRequest;
  readonly filter: UserFilter | null;
  /** Whether the search may find somebody by e-mail address. */
  readonly byEmail: boolean;
  readonly order: UserOrder | null;
}

/** Lists and finds people. */
export class DirectoryService {
  constructor(private readonly manager: EntityManager) {}

  list({ request, filter, byEmail, order }: DirectoryRequest): Promise<Connection<User>> {
    const { field, direction } = order ?? NEWEST_FIRST;
    const conditions = createConditions('t.deleted_at IS NULL');
    const typed = filter?.search?.trim() ?? '';
    if (typed.length > LONGEST_SEARCH) throw badUserInput(`search has at most ${LONGEST_SEARCH} characters.`);
    let candidates: string | undefined;
    if (typed !== '') {
      // What was typed may have no words at all: then no words are found.
      const words = conditions.parameter(prefixQuery(typed) ?? '');
      candidates = withWords(words);
      if (byEmail) {
        const address = conditions.parameter(typed);
        candidates = `${candidates} UNION SELECT id FROM users WHERE lower(email) = lower(${address})`;
        conditions.require(`(${matchesWords(words)} OR lower(t.email) = lower(${address}))`);
      } else conditions.require(matchesWords(words));
    }
    conditions.add(filter?.status, (name) => `t.status = ${name}`);
    conditions.add(filter?.kind, (name) => `t.kind = ${name}`);
    conditions.add(
      filter?.role,
      (name) => `EXISTS (SELECT 1 FROM user_roles held JOIN roles ON roles.id = held.role_id
        WHERE held.user_id = t.id AND roles.name = ${name} AND (held.expires_at IS NULL OR held.expires_at > now()))`,
    );
    conditions.add(filter?.createdAfter, (name) => `t.created_at >= ${name}`);
    conditions.add(filter?.createdBefore, (name) => `t.created_at < ${name}`);
    conditions.add(filter?.signedInAfter, (name) => `t.seen_order >= ${name}`);
    const list = {
      request,
      column: COLUMNS[field],
      direction,
      where: conditions.where,
      parameters: conditions.parameters,
    };
    return loadOrderedPage(this.manager, User, candidates === undefined ? list : { ...list, candidates });
  }

  /**
   * Finds people by what everybody may see of them. E-mail addresses are not looked at, so that the search cannot be
   * used to find out who has an account. Throws BAD_USER_INPUT for a search that is too short or too long.
   */
  search(query: string, request: PageRequest): Promise<Connection<User>> {
    const words = prefixQuery(query);
    if (words === null || query.trim().length < SHORTEST_SEARCH || query.length > LONGEST_SEARCH) {
      throw badUserInput(
        `query must have ${SHORTEST_SEARCH} to ${LONGEST_SEARCH} characters, with a letter or digit among them.`,
      );
    }
    return loadOrderedPage(this.manager, User, {
      request,
      column: 'sort_name',
      direction: 'ASC',
      where: ['t.deleted_at IS NULL', matchesWords('$3')],
      parameters: [words],
      candidates: withWords('$3'),
    });
  }
}

function withWords(parameter: string): string {
  return `SELECT id FROM users_with_words(${parameter}::tsquery, ${FEW + 1}) AS found (id)`;
}

function matchesWords(parameter: string): string {
  return `array_to_tsvector(t.search_words) @@ ${parameter}::tsquery`;
}
