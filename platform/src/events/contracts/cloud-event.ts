import { isUtf8 } from 'node:buffer';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { withoutNul } from './without-nul.js';

/** A CloudEvent as far as a record holds one. */
export interface CloudEvent {
  /** Value of a context attribute as text, undefined when it is absent. Without NUL, which Postgres cannot keep. */
  attribute(name: string): string | undefined;
  readonly data: unknown;
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
const STRUCTURED = /^application\/cloudevents\+json\s*(?:;|$)/i;
const JSON_CONTENT = /^[^;]*[/+]json\s*(?:;|$)/i;

/**
 * Reads a record of any producer: in structured content mode, in binary mode, or one that is no CloudEvent at all, which
 * has no attributes and its value as data.
 */
export function readCloudEvent({ headers, value }: Pick<KafkaMessage, 'headers' | 'value'>): CloudEvent {
  const contentType = readHeader(headers, 'content-type');
  const structured = STRUCTURED.test(contentType ?? '') ? parseObject(value) : undefined;
  if (structured !== undefined) {
    return {
      attribute: (name) => asText(structured[name]),
      data: readStructuredData(structured),
    };
  }
  return {
    attribute: (name) => readHeader(headers, `ce_${name}`),
    data: readData(value, contentType),
  };
}

function readHeader(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? undefined : withoutNul(first.toString());
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? withoutNul(String(value))
    : undefined;
}

function parseObject(value: Buffer | null): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseJson(value?.toString() ?? '');
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    ? (parsed as Readonly<Record<string, unknown>>)
    : undefined;
}

function readStructuredData(event: Readonly<Record<string, unknown>>): unknown {
  const { data = null, data_base64: base64, datacontenttype } = event;
  return typeof base64 === 'string' ? readData(Buffer.from(base64, 'base64'), asText(datacontenttype)) : data;
}

/** JSON as what it says, text as text, and other bytes in base64: data of an envelope is JSON. */
function readData(value: Buffer | null, contentType: string | undefined): unknown {
  if (value === null) return null;
  if (!isUtf8(value)) return value.toString('base64');
  const text = value.toString();
  if (contentType !== undefined && !JSON_CONTENT.test(contentType)) return text;
  const parsed = parseJson(text);
  // Not JSON: the contract of its type, if there is one, will refuse the text, and operators see what came.
  return parsed === undefined ? text : parsed;
}

/** Undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The caller says what it is then.
    return undefined;
  }
}
