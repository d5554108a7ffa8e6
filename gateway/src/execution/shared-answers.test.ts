import { NO_METRICS } from '../observability/metrics.js';
import { createSharedAnswers } from './shared-answers.js';

/** Answers that come when the test says so. */
function createMaker() {
  const waiting: ((answer: string) => void)[] = [];
  return {
    waiting,
    make: () => new Promise<string>((resolve) => void waiting.push(resolve)),
  };
}

test('equal questions under way are asked once, later ones anew', async () => {
  const shared = createSharedAnswers<string>(NO_METRICS);
  const { make, waiting } = createMaker();
  const both = [shared.get('key', make), shared.get('key', make)];
  expect(waiting).toHaveLength(1);
  waiting[0]?.('first');
  await expect(Promise.all(both)).resolves.toEqual(['first', 'first']);
  const later = shared.get('key', make);
  expect(waiting).toHaveLength(2);
  waiting[1]?.('second');
  await expect(later).resolves.toBe('second');
});

test('what was asked before a change is joined by nobody who asks after it', async () => {
  const shared = createSharedAnswers<string>(NO_METRICS);
  const { make, waiting } = createMaker();
  const before = shared.get('key', make);
  shared.clear();
  const after = shared.get('key', make);
  waiting[0]?.('old');
  await expect(before).resolves.toBe('old');
  const joined = shared.get('key', make);
  expect(waiting).toHaveLength(2);
  waiting[1]?.('new');
  await expect(Promise.all([after, joined])).resolves.toEqual(['new', 'new']);
});
