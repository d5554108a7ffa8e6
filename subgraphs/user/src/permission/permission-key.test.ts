import fc from 'fast-check';
import { isImplicit, parsePermission, permissionKey } from './permission-key.js';

const lower = [...'abcdefghijklmnopqrstuvwxyz'];
const first = fc.constantFrom(...lower);
const resource = fc
  .tuple(first, fc.string({ unit: fc.constantFrom(...lower, '-', '0', '9'), maxLength: 20 }))
  .map(([head, tail]) => head + tail);
const action = fc
  .tuple(first, fc.string({ unit: fc.constantFrom(...lower, '-'), maxLength: 20 }))
  .map(([head, tail]) => head + tail);
const scope = fc.constantFrom('own' as const, 'team' as const, 'any' as const);

test('property: what is put together is taken apart again', () => {
  fc.assert(
    fc.property(fc.record({ resource, action, scope }), (parts) => {
      expect(parsePermission(permissionKey(parts))).toEqual(parts);
      expect(parsePermission(permissionKey(parts, 'any'))).toEqual({ ...parts, scope: 'any' });
      expect(isImplicit(permissionKey(parts))).toBe(parts.scope === 'own');
    }),
  );
});

test('property: any text is either no permission, or the very text that its parts make', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', 'z', ':', '-', 'own', 'any', 'A', '\n', '\u0131', ' '), maxLength: 12 }),
  );
  fc.assert(
    fc.property(text, (key) => {
      const parts = parsePermission(key);
      expect(parts === null || permissionKey(parts) === key).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  '',
  'a:b',
  'a:b:c',
  'a:b:any:own',
  'A:b:any',
  'a:b:any\n',
  ' a:b:any',
  '9a:b:any',
  'a:-b:any',
  `${'a'.repeat(200)}:b:any`,
])('ID-82: %j is no permission', (key) => {
  expect(parsePermission(key)).toBeNull();
});
