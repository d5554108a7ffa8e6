import { isDisplayName } from './index.js';

test.each(['Ada', 'Zo\u00eb O\u2019Brien', '\u674e', '\u{1f680} Rocket', 'x'.repeat(80)])(
  'ID-21: %j is a display name',
  (name) => expect(isDisplayName(name)).toBe(true),
);

test.each([
  '',
  'x'.repeat(81),
  'zero\u200bwidth',
  'bidi\u202egnp.exe',
  'two\nlines',
  'two\u2028lines',
  'a@b.co\r\nBcc: x@y',
  'nul\0',
  'half \ud800',
  'private \ue000',
])('ID-21 ID-22: %j is none', (name) => expect(isDisplayName(name)).toBe(false));
