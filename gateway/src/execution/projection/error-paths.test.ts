import { GraphQLError } from 'graphql';
import { unexplained } from './complete-answer.js';
import { createErrorPaths } from './error-paths.js';

const at = (...path: (string | number)[]): GraphQLError => new GraphQLError('x', { path });

test('an error is found at its place, around it and below it', () => {
  const paths = createErrorPaths([at('users', 1, 'name')]);
  expect(paths.hasWithin(['users'])).toBe(true);
  expect(paths.hasWithin(['users', 1, 'name'])).toBe(true);
  expect(paths.hasWithin(['users', 0])).toBe(false);
  expect(paths.hasAround(['users', 1, 'name', 'first'])).toBe(true);
  expect(paths.hasAround(['users', 1])).toBe(false);
});

test('a number and the text of it are different steps', () => {
  const paths = createErrorPaths([at('users', 1)]);
  expect(paths.hasWithin(['users', '1'])).toBe(false);
});

test('a null is explained by an error at it, around it or below it, and by one without a place', () => {
  const nulls = [at('a', 0, 'b'), at('c')];
  expect(unexplained(nulls, [at('a')])).toEqual([nulls[1]]);
  expect(unexplained(nulls, [at('a', 0, 'b', 'deep')])).toEqual([nulls[1]]);
  expect(unexplained(nulls, [new GraphQLError('everything is down')])).toEqual([]);
  expect(unexplained(nulls, [])).toEqual(nulls);
});
