export { enroll, login, loginBy, mailedLoginCode } from './factors.js';
export type { LoginAnswer, SecondFactor } from './factors.js';
export { createGraphClient } from './graph-client.js';
export type { GraphAnswer, GraphClient, GraphStream } from './graph-client.js';
export { mailedToken, newcomer, newcomerPassword, signIn, verificationToken } from './people.js';
export type { SignedIn } from './people.js';
