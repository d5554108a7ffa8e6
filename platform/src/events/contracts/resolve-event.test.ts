import { z } from 'zod';
import { readEvent } from '../read-event.js';
import { sampleEvent } from '../testing/sample-event.js';
import { defineEvent } from './contract.js';
import type { EventContract } from './contract.js';
import {
  createEventResolver,
  EventSchemaError,
  UnknownEventTypeError,
  UnknownEventVersionError,
} from './resolve-event.js';

const base = { owner: 'user', description: 'x', key: ({ id }: { readonly id: string }) => id } as const;
const namedV1 = defineEvent({
  ...base,
  type: 'dev.orion.thing.named.v1',
  schema: z.object({ id: z.string(), name: z.string() }),
});
const namedV2 = defineEvent({
  ...base,
  type: 'dev.orion.thing.named.v2',
  schema: z.object({ id: z.string(), first: z.string(), last: z.string() }),
  upcastFrom: {
    contract: namedV1,
    upcast: ({ id, name }) => ({ id, first: name.split(' ')[0] ?? '', last: name.split(' ')[1] ?? '' }),
  },
});
const namedV3 = defineEvent({
  ...base,
  type: 'dev.orion.thing.named.v3',
  schema: z.object({ id: z.string(), shown: z.string().max(20) }),
  upcastFrom: { contract: namedV2, upcast: ({ id, first, last }) => ({ id, shown: `${last}, ${first}` }) },
});
const other = defineEvent({
  ...base,
  type: 'dev.orion.other.happened.v1',
  schema: z.object({ id: z.string() }),
});

const eventOf = <TData>({ type }: EventContract<TData>, data: TData) => ({
  ...sampleEvent('orion.user', { key: 'k', n: 0 }),
  type: type as string,
  data,
});
const first = eventOf(namedV1, { id: 'a', name: 'Ada Lovelace' });

describe('an event that is resolved', () => {
  it('of an older version comes as the version that the handler takes, over every version in between', () => {
    const resolve = createEventResolver({ known: [], taken: [namedV3] });
    expect(resolve(first)).toEqual({ ...first, type: namedV3.type, data: { id: 'a', shown: 'Lovelace, Ada' } });
    const second = eventOf(namedV2, { id: 'b', first: 'Alan', last: 'Turing' });
    expect(resolve(second)).toEqual({ ...second, type: namedV3.type, data: { id: 'b', shown: 'Turing, Alan' } });
  });

  it('comes as it is to a handler that takes its version, though there is a newer one', () => {
    const resolve = createEventResolver({ known: [namedV1, namedV2, namedV3], taken: [namedV1] });
    expect(resolve(first)).toEqual(first);
  });

  it('comes as it is to a handler that tells no types apart', () => {
    expect(createEventResolver({ known: [namedV3] })(first)).toEqual(first);
  });

  it('comes as it is when the handler takes no version of it', () => {
    expect(createEventResolver({ known: [namedV3], taken: [other] })(first)).toEqual(first);
  });

  it('is refused when it is of a version that nobody here knows', () => {
    const resolve = createEventResolver({ known: [namedV2] });
    expect(() => resolve({ ...first, type: namedV3.type })).toThrow(UnknownEventVersionError);
    expect(() => resolve({ ...first, type: namedV3.type })).toThrow(
      'dev.orion.thing.named.v3 is of a version that is not known here (known: v2, v1)',
    );
  });

  it('is refused, not passed over, when the handler takes an older version only', () => {
    const resolve = createEventResolver({ known: [namedV1, namedV2], taken: [namedV1] });
    const second = eventOf(namedV2, { id: 'b', first: 'Alan', last: 'Turing' });
    expect(() => resolve(second)).toThrow(UnknownEventVersionError);
  });

  it.each(['dev.orion.thing.renamed.v1', 'unknown', 'thing.named', 'dev.orion.thing.named'])(
    'is refused as unknown when its type is %s',
    (type) => {
      expect(() => createEventResolver({ known: [namedV1] })({ ...first, type })).toThrow(UnknownEventTypeError);
    },
  );

  it('is refused when its data breaks its own contract, or after the upcast the newer one', () => {
    const resolve = createEventResolver({ known: [], taken: [namedV3] });
    expect(() => resolve({ ...first, data: { id: 'a' } })).toThrow(EventSchemaError);
    const long = eventOf(namedV1, { id: 'a', name: `Ada ${'x'.repeat(20)}` });
    expect(() => resolve(long)).toThrow(/^dev\.orion\.thing\.named\.v3: shown: /);
  });
});

describe('an event that is read for its data', () => {
  it('is upcast from whatever older version it is of', () => {
    expect(readEvent(namedV3, first)).toEqual({ id: 'a', shown: 'Lovelace, Ada' });
    expect(readEvent(namedV1, first)).toEqual(first.data);
  });

  it('is nothing to the reader of another type, and a newer version is none of an older reader', () => {
    expect(readEvent(other, first)).toBeNull();
    expect(readEvent(namedV1, eventOf(namedV2, { id: 'b', first: 'Alan', last: 'Turing' }))).toBeNull();
  });
});

describe('upcasting', () => {
  it('is from an older version of the same event only', () => {
    const from = (contract: EventContract) => () =>
      defineEvent({
        ...base,
        type: 'dev.orion.thing.named.v2',
        schema: z.object({ id: z.string() }),
        upcastFrom: { contract, upcast: () => ({ id: 'a' }) },
      });
    expect(from(other)).toThrow('cannot be upcast from dev.orion.other.happened.v1');
    expect(from(namedV2)).toThrow('which is not an older version of it');
  });

  it('leads one way: two versions cannot both follow the same one', () => {
    const rival = defineEvent({
      ...base,
      type: 'dev.orion.thing.named.v4',
      schema: z.object({ id: z.string() }),
      upcastFrom: { contract: namedV1, upcast: ({ id }) => ({ id }) },
    });
    expect(() => createEventResolver({ known: [namedV2, rival] })).toThrow(
      'both dev.orion.thing.named.v2 and dev.orion.thing.named.v4 are upcast from dev.orion.thing.named.v1',
    );
  });
});
