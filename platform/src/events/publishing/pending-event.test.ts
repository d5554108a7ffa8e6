import { z } from 'zod';
import { runCausedBy } from '../causation.js';
import { defineEvent } from '../contracts/contract.js';
import { EventValidationError, sealEvents } from './pending-event.js';

const definition = {
  owner: 'user',
  description: 'x',
  schema: z.object({ id: z.string(), text: z.string() }),
  key: ({ id }: { readonly id: string }) => id,
} as const;
const told = defineEvent({ ...definition, type: 'dev.orion.thing.told.v1' });
const large = defineEvent({ ...definition, type: 'dev.orion.thing.large.v1', maxBytes: 512 * 1024 });
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('sealEvents', () => {
  it('gives what happens because of a request its ids, its actor and its trace', () => {
    const cause = { correlationId: 'request', causationId: 'request', actorId: 'user', traceparent: TRACEPARENT };
    const [sealed] = runCausedBy(cause, () => sealEvents([told.of({ id: 'a', text: '' })]));
    expect(sealed?.envelope).toMatchObject(cause);
  });

  it('gives an event the cause that it names, whatever runs now', () => {
    const cause = { correlationId: 'request', causationId: 'event', actorId: null, traceparent: null };
    const now = { correlationId: 'other', causationId: 'other', actorId: 'user' };
    const sealed = runCausedBy(now, () =>
      sealEvents([{ ...told.of({ id: 'a', text: '' }), cause }, told.of({ id: 'b', text: '' })]),
    );
    expect(sealed.map(({ envelope }) => envelope)).toMatchObject([cause, now]);
  });

  it('begins an undertaking with an event that nothing caused', () => {
    const [sealed] = sealEvents([told.of({ id: 'a', text: '' })]);
    const { id, correlationId, causationId, actorId, traceparent } = sealed?.envelope ?? {};
    expect({ correlationId, causationId, actorId, traceparent }).toEqual({
      correlationId: id,
      causationId: id,
      actorId: null,
      traceparent: null,
    });
  });

  it.each(['', 'a\0b', 'a\nb', 'a\u0085b', 'a\uD800', 'a\uFFFE'])(
    'refuses the key %j, which an attribute of a CloudEvent cannot be',
    (id) => {
      expect(() => sealEvents([told.of({ id, text: '' })])).toThrow(EventValidationError);
    },
  );

  it('lets an event be as large as its contract allows', () => {
    const data = { id: 'a', text: 'x'.repeat(300 * 1024) };
    expect(() => sealEvents([told.of(data)])).toThrow(/at most 262144 are allowed/);
    expect(sealEvents([large.of(data)])).toHaveLength(1);
  });
});
