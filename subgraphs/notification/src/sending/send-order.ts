import { createHash } from 'node:crypto';
import { isUuid } from '@orion/platform/ids';
import { canonicalJson, isStorableJson } from '@orion/platform/json';
import type { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import type { SendNotificationInput } from './sending.types.js';

const MOST_RECIPIENTS = 100;
const DATA_BYTES = 16 * 1024;
const TYPE = /^[A-Za-z][\w.:-]{0,63}$/;
const TITLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,200}$/u;
const BODY = /^(?:[^\p{Cc}\p{Cs}]|[\t\n\r]){0,10000}$/u;
const KEY = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** What somebody wants to be sent, checked as far as that needs no database. */
export interface SendOrder {
  /** Distinct; `path` is where the input names them. */
  readonly recipients: readonly { readonly id: string; readonly path: readonly string[] }[];
  readonly type: string;
  readonly title: string;
  readonly body: string;
  readonly data: unknown;
  readonly priority: NotificationPriority;
  readonly channels: readonly NotificationChannel[];
  readonly idempotencyKey: string | null;
}

/** Checks what was asked for. Returns the order, or everything that is wrong with it. */
export function readOrder(input: SendNotificationInput): SendOrder | UserError[] {
  const order: SendOrder = {
    recipients: recipientsOf(input),
    type: input.type,
    title: input.title.normalize('NFC').trim(),
    body: input.body,
    data: input.data ?? null,
    priority: input.priority,
    channels: [...new Set(input.channels)],
    idempotencyKey: input.idempotencyKey ?? null,
  };
  const faults = faultsOf(order, input);
  return faults.length > 0 ? faults : order;
}

/** Equal for orders that ask for the same, whatever their idempotency key. */
export function fingerprintOf({ recipients, channels, idempotencyKey: _key, ...message }: SendOrder): Buffer {
  const whom = recipients.map(({ id }) => id).toSorted();
  return createHash('sha256')
    .update(canonicalJson({ ...message, whom, channels: channels.toSorted() }))
    .digest();
}

function recipientsOf({ recipientId, recipientIds }: SendNotificationInput): SendOrder['recipients'] {
  const named = [
    ...(recipientId == null ? [] : [{ id: recipientId.toLowerCase(), path: ['input', 'recipientId'] }]),
    ...(recipientIds ?? []).map((id, index) => ({
      id: id.toLowerCase(),
      path: ['input', 'recipientIds', String(index)],
    })),
  ];
  const seen = new Set<string>();
  return named.filter(({ id }) => seen.size < seen.add(id).size);
}

function faultsOf(order: SendOrder, input: SendNotificationInput): UserError[] {
  const faults: UserError[] = [];
  const { recipientId = null, recipientIds = null } = input;
  if (
    (recipientId === null) === (recipientIds === null) ||
    order.recipients.length === 0 ||
    order.recipients.length > MOST_RECIPIENTS
  ) {
    faults.push(userError('RECIPIENT_MISSING', ['input', recipientIds === null ? 'recipientId' : 'recipientIds']));
  } else {
    // What is no UUID is the id of nobody, and would be an error in SQL.
    for (const { id, path } of order.recipients) if (!isUuid(id)) faults.push(userError('RECIPIENT_UNKNOWN', path));
  }
  if (!TYPE.test(order.type)) faults.push(userError('TYPE_INVALID', ['input', 'type']));
  if (!TITLE.test(order.title)) faults.push(userError('TITLE_INVALID', ['input', 'title']));
  if (!BODY.test(order.body)) faults.push(userError('BODY_INVALID', ['input', 'body']));
  if (!isStorableJson(order.data) || Buffer.byteLength(JSON.stringify(order.data)) > DATA_BYTES) {
    faults.push(userError('DATA_INVALID', ['input', 'data']));
  }
  if (order.channels.length === 0) faults.push(userError('CHANNEL_MISSING', ['input', 'channels']));
  if (order.idempotencyKey !== null && !KEY.test(order.idempotencyKey)) {
    faults.push(userError('IDEMPOTENCY_KEY_INVALID', ['input', 'idempotencyKey']));
  }
  return faults;
}
