import { once } from 'node:events';
import { Writable } from 'node:stream';
import { createOutlet } from './outlet.js';

/** A connection that is congested by the first byte, until it is released. */
function slowConnection() {
  let release: () => void = () => undefined;
  const connection = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => (release = done) });
  return { connection, drain: () => release() };
}

test('writes that fail half-way do not hold back all later ones', () => {
  const { connection } = slowConnection();
  const outlet = createOutlet(connection, () => true);
  const writing = (): void =>
    outlet.together(() => {
      throw new Error('no event');
    });
  expect(writing).toThrow('no event');
  expect(connection.writableCorked).toBe(0);
});

test('whoever waits is called back in order, except those that are forgotten', async () => {
  const { connection, drain } = slowConnection();
  const outlet = createOutlet(connection, () => true);
  const called: string[] = [];
  const second = (): void => void called.push('second');
  outlet.write(Buffer.from('bytes'));
  expect(outlet.isCongested()).toBe(true);
  outlet.whenReady(() => called.push('first'));
  outlet.whenReady(second);
  outlet.whenReady(() => called.push('third'));
  outlet.forget(second);
  const drained = once(connection, 'drain');
  drain();
  await drained;
  expect(called).toEqual(['first', 'third']);
});
