import { createSendTurns } from './send-turns.js';

const never = new AbortController().signal;

test('the most urgent of those that wait goes first, and among equals the first', async () => {
  const turns = createSendTurns(1);
  const order: string[] = [];
  await turns.begin('bulk', never);
  const rest = (['bulk', 'normal', 'critical', 'normal', 'high'] as const).map((priority, number) =>
    turns.begin(priority, never).then(() => {
      order.push(`${priority} ${number}`);
      turns.end();
    }),
  );
  turns.end();
  await Promise.all(rest);
  expect(order).toEqual(['critical 2', 'high 4', 'normal 1', 'normal 3', 'bulk 0']);
});

test('no more than there are places go at a time', async () => {
  const turns = createSendTurns(2);
  let going = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      await turns.begin('normal', never);
      going += 1;
      most = Math.max(most, going);
      await Promise.resolve();
      going -= 1;
      turns.end();
    }),
  );
  expect(most).toBe(2);
});

test('who gives up takes no place', async () => {
  const turns = createSendTurns(1);
  const limit = new AbortController();
  await turns.begin('normal', never);
  const given = turns.begin('critical', limit.signal);
  const next = turns.begin('normal', never);
  limit.abort(new Error('too late'));
  await expect(given).rejects.toThrow('too late');
  await expect(turns.begin('critical', limit.signal)).rejects.toThrow('too late');
  turns.end();
  await expect(next).resolves.toBeUndefined();
});
