import { auditEvents } from './audit.js';
import { deadLetterEvents } from './dead-letter.js';
import { jobEvents } from './job.js';
import { replayEvents } from './replay.js';

/** What every service publishes, whatever it is for. */
export const systemEvents = [...deadLetterEvents, ...replayEvents, ...jobEvents, ...auditEvents] as const;
