/** Everybody knows it: production refuses the accounts. */
export const DEMO_PASSWORD = 'orion-demo';

/** Who exists in demo mode, as auth seeds them; GraphiQL offers to sign in as each. */
export const DEMO_PEOPLE = ['admin', 'alice', 'bob'].map((name, index) => ({
  name,
  id: `00000000-0000-7000-8000-00000000000${index + 1}`,
  email: `${name}@orion.test`,
  password: DEMO_PASSWORD,
}));
/** Their addresses. */
export const DEMO_ACCOUNTS = DEMO_PEOPLE.map(({ email }) => email);
