import { badUserInput } from '@orion/platform/errors';
import { loadOrderedPage, OrderDirection } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { UserOrderField } from './profile.types.js';
import type { UserOrder } from './profile.types.js';
import { prefixQuery } from './search-words.js';
import { User } from './user.entity.js';

const COLUMNS: Readonly<Record<UserOrderField, string>> = { CREATED_AT: 'created_at', DISPLAY_NAME: 'sort_name' };
const NEWEST_FIRST: UserOrder = { field: UserOrderField.CREATED_AT, direction: OrderDirection.DESC };
const SHORTEST_SEARCH = 2;
const LONGEST_SEARCH = 100;

const MATCHES_WORDS = 'array_to_tsvector(t.search_words) @@ $3::tsquery';
const IS_EMAIL = 'lower(t.email) = lower($4)';

/** What a list of users shows. */
export interface DirectoryRequest {
  readonly request: PageRequest;
  readonly search: string | null;
  /** Whether the search may find somebody by e-mail address. */
  readonly byEmail: boolean;
  readonly order: UserOrder | null;
}

/** Lists and finds people. */
export class DirectoryService {
  constructor(private readonly manager: EntityManager) {}

  list({ request, search, byEmail, order }: DirectoryRequest): Promise<Connection<User>> {
    const { field, direction } = order ?? NEWEST_FIRST;
    const typed = search?.trim() ?? '';
    if (typed.length > LONGEST_SEARCH) throw badUserInput(`search has at most ${LONGEST_SEARCH} characters.`);
    const words = prefixQuery(typed);
    const where = ['t.deleted_at IS NULL'];
    const parameters: unknown[] = [];
    if (typed !== '') {
      // An address has words as well, so the parameter is there whenever the condition is.
      where.push(byEmail ? `(${MATCHES_WORDS} OR ${IS_EMAIL})` : MATCHES_WORDS);
      parameters.push(words ?? '', ...(byEmail ? [typed] : []));
    }
    return loadOrderedPage(this.manager, User, { request, column: COLUMNS[field], direction, where, parameters });
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
      where: ['t.deleted_at IS NULL', MATCHES_WORDS],
      parameters: [words],
    });
  }
}
