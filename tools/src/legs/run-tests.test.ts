import { notRun } from './run-tests.js';

const file = (name: string, statuses: readonly string[]) => ({
  name: `/checkout/${name}`,
  assertionResults: statuses.map((status, index) => ({ status, fullName: `test ${index}` })),
});

test('a run in which everything ran has nothing to tell', () => {
  const testResults = [file('tests/dist/walk/walk.test.js', ['passed', 'passed'])];
  expect(notRun({ testResults }, { patterns: ['tests/dist/walk'] })).toEqual([]);
});

test('what was skipped is named, in whichever way it was', () => {
  const testResults = [file('a/dist/a.test.js', ['passed', 'pending', 'skipped', 'todo', 'disabled'])];
  expect(notRun({ testResults }, { patterns: ['a/dist'] })).toEqual([
    '/checkout/a/dist/a.test.js: test 1 (pending)',
    '/checkout/a/dist/a.test.js: test 2 (skipped)',
    '/checkout/a/dist/a.test.js: test 3 (todo)',
    '/checkout/a/dist/a.test.js: test 4 (disabled)',
  ]);
});

test('a pattern that matches no file is told, although others do', () => {
  const testResults = [file('a/dist/kafka.test.js', ['passed'])];
  expect(notRun({ testResults }, { patterns: ['a/dist/.*kafka', 'b/dist'] })).toEqual(['no test file matches b/dist']);
});
