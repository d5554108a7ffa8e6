import { relyingPartyOf } from './relying-party.js';

const BASE = {
  PUBLIC_URL: 'https://api.example.org/',
  MFA_ISSUER: 'ORION',
  PASSKEY_RP_ID: undefined,
  PASSKEY_ORIGINS: undefined,
};

test('passkeys belong to the host of PUBLIC_URL, unless the settings say otherwise', () => {
  expect(relyingPartyOf(BASE)).toEqual({
    id: 'api.example.org',
    name: 'ORION',
    origins: ['https://api.example.org'],
  });
  const origins = ['https://app.example.org', 'https://example.org'];
  expect(relyingPartyOf({ ...BASE, PASSKEY_RP_ID: 'example.org', PASSKEY_ORIGINS: origins })).toEqual({
    id: 'example.org',
    name: 'ORION',
    origins,
  });
});

test.each(['https://example.com', 'https://notexample.org', 'https://example.org.evil.example'])(
  'a page on %s could not use them: it is said at the start',
  (origin) => {
    const settings = { ...BASE, PASSKEY_RP_ID: 'example.org', PASSKEY_ORIGINS: [origin] };
    expect(() => relyingPartyOf(settings)).toThrow(/is not on example\.org/);
  },
);
