import { eventually } from '@orion/platform/testing';
import type { ExecutableSubscription, Outcome, Run } from '../execution/executable.js';
import type { SubgraphAnswer } from '../execution/subgraph-call.js';
import { anonymousCaller } from '../security/caller.js';
import { recordingLogger } from '../testing/test-gateway.js';
import { createCompletion } from './completion.js';
import type { Completion } from './completion.js';

const RUN: Run = {
  caller: anonymousCaller({ requestId: 'r', clientIp: null, userAgent: null }),
  variables: {},
  deadline: Infinity,
};

function outcome(text: string): Outcome {
  return { text, hasErrors: false, isDataNull: false, sqlStatements: undefined };
}

/** Completes each event when the test says so, in any order. */
function executableOf(name: string) {
  const open = new Map<string, () => void>();
  const executable: ExecutableSubscription = {
    kind: 'subscription',
    primary: { subgraph: 's', text: '', operationName: undefined, variableNames: [] },
    complete: ({ data }) =>
      new Promise((resolve) =>
        open.set(String(data?.['n']), () => resolve(outcome(`{"${name}":${String(data?.['n'])}}`))),
      ),
    fail: (errors) => outcome(`{"errors":${JSON.stringify(errors.map(({ extensions }) => extensions?.['code']))}}`),
  };
  return {
    executable,
    open,
    finish: (...numbers: readonly number[]) => numbers.forEach((n) => open.get(String(n))?.()),
  };
}

function start(executable: ExecutableSubscription, timeoutMs = 60_000) {
  const texts: string[] = [];
  const ends: (string | undefined)[] = [];
  const { logger, lines } = recordingLogger();
  const completion = createCompletion({
    executable,
    startRun: () => RUN,
    timeoutMs,
    deliver: (events) => texts.push(...events.map(({ text }) => text)),
    onEnd: (failure) => ends.push(failure?.text),
    logger,
  });
  return { completion, texts, ends, lines };
}

function push(completion: Completion, ...numbers: readonly number[]): void {
  for (const n of numbers) completion.push({ data: { n } } satisfies SubgraphAnswer);
}

test('events are delivered in the order they came, whichever is completed first', async () => {
  const { executable, finish } = executableOf('a');
  const { completion, texts } = start(executable);
  push(completion, 1, 2, 3);
  finish(3, 2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(texts).toEqual([]);
  finish(1);
  await eventually(() => texts.length === 3);
  expect(texts).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
  expect(completion.isIdle()).toBe(true);
});

test('an event under way is finished as it was begun, later ones with what replaced it', async () => {
  const before = executableOf('before');
  const after = executableOf('after');
  const { completion, texts } = start(before.executable);
  push(completion, 1);
  completion.use(after.executable);
  push(completion, 2);
  after.finish(2);
  before.finish(1);
  await eventually(() => texts.length === 2);
  expect(texts).toEqual(['{"before":1}', '{"after":2}']);
});

test('only the first event after a gap tells of it', async () => {
  const { executable, finish } = executableOf('a');
  const { completion, texts } = start(executable);
  push(completion, 1);
  completion.markGap();
  push(completion, 2, 3);
  finish(1, 2, 3);
  await eventually(() => texts.length === 3);
  expect(texts).toEqual(['{"a":1}', '{"a":2,"extensions":{"gap":true}}', '{"a":3}']);
});

test('the end comes after the last event, with the reason when there is one', async () => {
  const { executable, finish } = executableOf('a');
  const { completion, texts, ends } = start(executable);
  push(completion, 1);
  completion.finish([{ extensions: { code: 'GONE' } }]);
  push(completion, 2);
  expect(ends).toEqual([]);
  finish(1);
  await eventually(() => ends.length === 1);
  expect(texts).toEqual(['{"a":1}']);
  expect(ends).toEqual(['{"errors":["GONE"]}']);
});

test('events that pile up because they are not completed end the stream', async () => {
  const { executable, open, finish } = executableOf('a');
  const { completion, ends } = start(executable);
  const numbers = Array.from({ length: 3_000 }, (_, n) => n);
  push(completion, ...numbers);
  // What was accepted is still completed and delivered.
  await eventually(() => {
    finish(...[...open.keys()].map(Number));
    return ends.length === 1;
  });
  expect(ends).toEqual(['{"errors":["SUBSCRIPTION_OVERFLOW"]}']);
  expect(open.size).toBeLessThan(1_100);
});

test('an executable that never answers does not hold up the next event for ever', async () => {
  const { executable, finish } = executableOf('a');
  const { completion, texts } = start(executable, 1);
  push(completion, 1, 2);
  finish(2);
  await eventually(() => texts.length === 2);
  expect(texts).toEqual(['{"errors":["SUBSCRIPTION_EVENT_TIMEOUT"]}', '{"a":2}']);
  finish(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(texts).toHaveLength(2);
});

test('errors that cannot be presented are logged, and the clients get an error and the end all the same', async () => {
  const broken: ExecutableSubscription = {
    ...executableOf('a').executable,
    complete: () => Promise.reject(new Error('out of order')),
    fail: () => {
      throw new TypeError('no such path');
    },
  };
  const { completion, texts, ends, lines } = start(broken);
  push(completion, 1);
  await eventually(() => texts.length === 1);
  completion.finish([{ message: 'gone' }]);
  await eventually(() => ends.length === 1);
  const masked = {
    errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r' } }],
  };
  expect([texts[0], ends[0]].map((text) => JSON.parse(text ?? '') as unknown)).toEqual([masked, masked]);
  expect(lines).toHaveLength(2);
});
