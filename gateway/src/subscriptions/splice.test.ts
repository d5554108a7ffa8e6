import { createSplice } from './splice.js';
import { createStreamEvent } from './stream-event.js';
import type { StreamEvent } from './stream-event.js';

const events = (...names: readonly string[]): StreamEvent[] => names.map((name) => createStreamEvent(name));
const names = (delivered: readonly StreamEvent[]): string[] => delivered.map(({ result }) => result);

test('the old stream is followed until the new one repeats what it brought', () => {
  const splice = createSplice();
  expect(names(splice.fromOld(events('1', '2', '3')))).toEqual(['1', '2', '3']);
  expect(names(splice.fromNew(events('2')))).toEqual([]);
  expect(splice.isSwitched()).toBe(true);
  expect(splice.isDone()).toBe(false);
  expect(names(splice.fromOld(events('4')))).toEqual([]);
  expect(names(splice.fromNew(events('3', '4', '5')))).toEqual(['4', '5']);
  expect(splice.isDone()).toBe(true);
});

test('a new stream that is ahead waits for the old one to get there', () => {
  const splice = createSplice();
  expect(names(splice.fromNew(events('3', '4')))).toEqual([]);
  expect(splice.isWaiting()).toBe(true);
  expect(names(splice.fromOld(events('1', '2')))).toEqual(['1', '2']);
  expect(names(splice.fromOld(events('3', '4')))).toEqual(['3', '4']);
  expect(splice.isSwitched()).toBe(true);
  expect(names(splice.fromNew(events('5')))).toEqual(['5']);
});

test('switched by time: what the new stream holds is delivered, and what it repeats is not', () => {
  const splice = createSplice();
  splice.fromOld(events('1', '2'));
  splice.fromNew(events('2b'));
  expect(names(splice.switchOver())).toEqual(['2b']);
  const quiet = createSplice();
  quiet.fromOld(events('1', '2'));
  expect(names(quiet.switchOver())).toEqual([]);
  expect(names(quiet.fromNew(events('1', '2', '3')))).toEqual(['3']);
});

test('of equal results the last one counts: repeated is better than lost', () => {
  const splice = createSplice();
  splice.fromOld(events('x', 'x', 'x'));
  expect(names(splice.fromNew(events('x', 'x')))).toEqual(['x']);
});

test('results in any way of cutting, from any point, come out once and in order', () => {
  const all = Array.from({ length: 12 }, (_, index) => String(index));
  for (let start = 0; start <= 6; start += 1) {
    for (let oldEnd = 0; oldEnd <= 12; oldEnd += 1) {
      const splice = createSplice();
      const out: string[] = [];
      let old = 0;
      let fresh = start;
      // The old stream is read up to oldEnd, then both in turns: whoever comes first.
      while (old < oldEnd) out.push(...names(splice.fromOld(events(all[old++] as string))));
      while (fresh < 12 || (old < 12 && !splice.isSwitched())) {
        if (fresh < 12) out.push(...names(splice.fromNew(events(all[fresh++] as string))));
        if (old < 12) out.push(...names(splice.fromOld(events(all[old++] as string))));
      }
      expect(out).toEqual(all);
    }
  }
});
