import { interpolationsOf, substitute } from './interpolation.js';

describe('variables in a Compose file', () => {
  it.each([
    ['plain $A', { A: '1' }, 'plain 1'],
    ['${A}-${B}', { A: '1' }, '1-'],
    ['${A:-x}', {}, 'x'],
    ['${A:-x}', { A: '' }, 'x'],
    ['${A-x}', { A: '' }, ''],
    ['${A:+yes}', { A: '1' }, 'yes'],
    ['${A:+yes}', {}, ''],
    ['${A-u://b:${B}@h}/d', { B: 'p' }, 'u://b:p@h/d'],
    ['${A-u://b:${B}@h}/d', { A: '', B: 'p' }, '/d'],
    ['$$A costs $5', { A: '1' }, '$A costs $5'],
  ])('%s with %j is %s', (text, values, expected) => {
    expect(substitute(text, values)).toBe(expected);
  });

  it('are all found, those inside a default included', () => {
    const found = interpolationsOf('${A:?set it: now}/${B-x${C:-1}}$D$$E');
    expect(found.map(({ name, operator }) => `${name}${operator}`)).toEqual(['A:?', 'B-', 'C:-', 'D']);
  });

  it('have to be closed', () => {
    expect(() => interpolationsOf('${A:-x')).toThrow('opens a variable and does not close it');
  });
});
