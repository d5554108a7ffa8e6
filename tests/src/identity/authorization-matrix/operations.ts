import type { GraphClient } from '../../graph/index.js';
import type { Caller } from './actors.js';
import type { Actor, Outcome, Rule } from './rules.js';

/** Ids of what belongs to the owner and exists. */
export interface OwnedIds {
  readonly user: string;
  readonly session: string;
  readonly notification: string;
}

/** One operation, or one guarded field. */
export interface Row {
  /** What its `@auth` has to say. Whoever changes it here decides who may call the operation. */
  readonly rule: Rule;
  /**
   * Arguments, in place of the harmless ones that are made up from the schema. They must do nothing that another row
   * minds. `$owner` is the owner's user id, `$id` an id that nothing has.
   */
  readonly args?: string;
  /** For fields of objects: an operation in which FIELD is the field. */
  readonly reach?: string;
  /** The call ends the session or the key that makes it: everybody gets new ones. */
  readonly spends?: true;
  /** What `$id` names. Who may not see it must not learn whether it is there (ID-77). */
  readonly of?: keyof OwnedIds;
  /** Actors who fare otherwise than by the rule, and why. */
  readonly except?: { readonly because: string; readonly outcomes: Readonly<Partial<Record<Actor, Outcome>>> };
  /** Of subscriptions: makes it happen, for this caller. */
  readonly happen?: (caller: Caller, administrator: GraphClient) => Promise<unknown>;
}

/** How to come to an object of a type whose fields are guarded. */
export const REACH: Readonly<Record<string, string>> = {
  User: '{ user(id: "$owner") { FIELD } }',
};

const sendTo = ({ userId }: Caller, administrator: GraphClient): Promise<unknown> =>
  administrator.query('mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { __typename } }', {
    input: { recipientId: userId, type: 'matrix.event', title: 'Matrix' },
  });

/** Every operation, and every guarded field. A new one has no row until somebody has thought about who may call it. */
export const OPERATIONS: Readonly<Record<string, Row>> = {};
void sendTo;
