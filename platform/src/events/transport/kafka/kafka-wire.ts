/**
 * The two requests of the Kafka protocol that a client sends before it signs in
 * (https://kafka.apache.org/protocol#protocol_messages), written here because kafkajs keeps their answers to itself.
 */
const API_VERSIONS = 18;
/** Its number in ApiVersions. */
export const SASL_HANDSHAKE = 17;
const CORRELATION_ID = 1;
const CLIENT_ID = 'orion-check';
const MAX_ANSWER_BYTES = 64 * 1024;

/** Lowest and highest version of an API that a broker speaks. */
export interface VersionRange {
  readonly lowest: number;
  readonly highest: number;
}

/** By the number of the API. */
export type ApiVersions = ReadonlyMap<number, VersionRange>;

export interface SaslHandshake {
  /** 0, or https://kafka.apache.org/protocol#protocol_error_codes */
  readonly errorCode: number;
  /** Names of the mechanisms that the broker takes. */
  readonly mechanisms: readonly string[];
}

/** What answered is no Kafka broker, or speaks TLS. */
export class ForeignProtocolError extends Error {
  override readonly name = 'ForeignProtocolError';
}

/** ApiVersions v0: every broker since Kafka 0.10 answers it. */
export function apiVersionsRequest(): Buffer {
  return request(API_VERSIONS, 0, Buffer.alloc(0));
}

/** SaslHandshake v1. */
export function saslHandshakeRequest(mechanism: string): Buffer {
  return request(SASL_HANDSHAKE, 1, text(mechanism));
}

/** The first whole answer among the bytes received so far, without its length; undefined when it is not complete. */
export function answerIn(received: Buffer): Buffer | undefined {
  if (received.length < 4) return undefined;
  const size = received.readInt32BE(0);
  if (size < 6 || size > MAX_ANSWER_BYTES) throw new ForeignProtocolError('what answered is no Kafka broker');
  return received.length < size + 4 ? undefined : received.subarray(4, size + 4);
}

export function readApiVersions(answer: Buffer): ApiVersions {
  return read(answer, (reader) => {
    if (reader.int16() !== 0) throw new RangeError('the broker does not answer ApiVersions');
    return new Map(
      Array.from({ length: reader.int32() }, () => [
        reader.int16(),
        { lowest: reader.int16(), highest: reader.int16() },
      ]),
    );
  });
}

export function readSaslHandshake(answer: Buffer): SaslHandshake {
  return read(answer, (reader) => {
    const errorCode = reader.int16();
    return { errorCode, mechanisms: Array.from({ length: reader.int32() }, () => reader.text()) };
  });
}

/** Request header v1, after the length of the whole. */
function request(api: number, version: number, body: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeInt16BE(api, 4);
  header.writeInt16BE(version, 6);
  header.writeInt32BE(CORRELATION_ID, 8);
  const bytes = Buffer.concat([header, text(CLIENT_ID), body]);
  bytes.writeInt32BE(bytes.length - 4, 0);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(`..${value}`);
  bytes.writeInt16BE(bytes.length - 2, 0);
  return bytes;
}

interface Reader {
  int16(): number;
  int32(): number;
  text(): string;
}

/** Whatever does not fit what was asked was said by something else than a broker. */
function read<T>(answer: Buffer, take: (reader: Reader) => T): T {
  let at = 4;
  const reader: Reader = {
    int16: () => answer.readInt16BE((at += 2) - 2),
    int32: () => answer.readInt32BE((at += 4) - 4),
    text: () => {
      const length = reader.int16();
      at += length;
      return answer.toString('utf8', at - length, at);
    },
  };
  try {
    if (answer.readInt32BE(0) !== CORRELATION_ID) throw new RangeError('an answer to another request');
    return take(reader);
  } catch (error) {
    throw new ForeignProtocolError('what answered is no Kafka broker', { cause: error });
  }
}
