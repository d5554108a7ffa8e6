export { createGraphClient } from './graph-client.js';
export type { GraphAnswer, GraphClient, GraphStream } from './graph-client.js';
export { newcomer, newcomerPassword, signIn, verificationToken } from './people.js';
export type { SignedIn } from './people.js';
