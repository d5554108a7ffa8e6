import { uuidv7 } from '../ids/index.js';
import type { Viewer } from '../identity/index.js';

/** A viewer for tests: a session that began just now; `permissions` default to none. */
export function testViewer(overrides: Partial<Viewer> = {}): Viewer {
  return {
    kind: 'session',
    userId: uuidv7(),
    sessionId: uuidv7(),
    impersonatorId: null,
    permissions: [],
    methods: ['pwd'],
    authenticatedAt: Math.floor(Date.now() / 1_000),
    ...overrides,
  };
}
