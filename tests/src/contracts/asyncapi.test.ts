import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticSeverity, Parser } from '@asyncapi/parser';
import type { AsyncAPIDocumentInterface } from '@asyncapi/parser';
import { allEventContracts } from '@orion/platform/event-contracts';
import { asyncApiDocument, eventJsonSchema, eventName } from '@orion/platform/events';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { examplesOf } from './example-data.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const FILE = path.join(ROOT, 'schema/events/asyncapi.json');

const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  keywords: ['x-orion-topic', 'x-orion-source', 'x-orion-key'],
});
// Zod says the same by a pattern; the name alone is no check in ajv.
ajv.addFormat('date-time', true);

const ERROR: number = DiagnosticSeverity.Error;
const isError = ({ severity }: { readonly severity: number }): boolean => severity === ERROR;

let document: AsyncAPIDocumentInterface;

beforeAll(async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(await readFile(FILE, 'utf8'));
  expect(diagnostics.filter(isError)).toEqual([]);
  expect(parsed).toBeDefined();
  document = parsed as AsyncAPIDocumentInterface;
}, 60_000);

describe('the AsyncAPI document', () => {
  it('is refused by the parser when it is wrong, so that being accepted means something', async () => {
    const wrong = {
      ...asyncApiDocument(allEventContracts, { version: '1.0.0' }),
      operations: { x: { action: 'shout' } },
    };
    const { diagnostics } = await new Parser().parse(JSON.stringify(wrong));
    expect(diagnostics.filter(isError)).not.toEqual([]);
  });

  it('has a channel a topic, with its partitions on Kafka, and every event is a message of its topic', () => {
    const channels = document.channels().all();
    expect(channels.map((channel) => String(channel.address())).toSorted()).toEqual(
      [...new Set(allEventContracts.map(({ topic }) => topic))].toSorted(),
    );
    for (const channel of channels) {
      const inTopic = allEventContracts.filter(({ topic }) => topic === channel.address());
      expect(
        channel
          .messages()
          .all()
          .map((message) => String(message.name()))
          .toSorted(),
      ).toEqual(inTopic.map(({ type }) => type).toSorted());
      expect(channel.bindings().get('kafka')?.json()).toMatchObject({ topic: channel.address(), partitions: 6 });
    }
  });

  it('says who sends each event', () => {
    const sent = document
      .operations()
      .all()
      .flatMap((operation) => {
        expect(operation.action()).toBe('send');
        return operation
          .messages()
          .all()
          .map((message) => [operation.id(), message.name()].join(' '));
      });
    expect(sent.toSorted()).toEqual(
      allEventContracts.map(({ owner, topic, type }) => `${owner}.send.${topic} ${type}`).toSorted(),
    );
  });

  it('says where correlation and key of a message are', () => {
    for (const message of document.messages().all()) {
      expect(message.correlationId()?.location()).toBe('$message.header#/ce_correlationid');
      expect(message.headers()?.properties()).toHaveProperty('ce_traceparent');
      expect(message.bindings().get('kafka')?.json()).toMatchObject({ key: { type: 'string' } });
    }
  });
});

describe.each(allEventContracts.map((contract) => [contract.type, contract] as const))('%s', (_, contract) => {
  it('is described by the JSON Schema that the document has', () => {
    const message = document.components().messages().get(eventName(contract));
    expect(message?.payload()?.json()).toMatchObject(eventJsonSchema(contract));
  });

  it('accepts by its JSON Schema what its contract accepts', () => {
    const validate = ajv.compile(eventJsonSchema(contract));
    fc.assert(
      fc.property(examplesOf(eventJsonSchema(contract)), (data) => {
        expect(contract.schema.safeParse(data)).toMatchObject({ success: true });
        // As it travels.
        validate(JSON.parse(JSON.stringify(data)));
        expect(validate.errors).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});
