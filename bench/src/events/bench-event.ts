import { userLogin } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import type { PendingEvent } from '@orion/platform/events';

/** An event of the ordinary kind: ten attributes and some 500 bytes as JSON. */
export function benchEvent(): PendingEvent {
  return userLogin.of({
    userId: uuidv7(),
    sessionId: uuidv7(),
    deviceId: uuidv7(),
    isNewDevice: false,
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  });
}
