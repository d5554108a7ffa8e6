import type { Logger } from './log.js';

/** Logs that something stopped working and that it works again: once a change, however often it is tried. */
export interface ConditionLog {
  works(): void;
  fails(error: unknown): void;
}

/** `subject` is the sentence's subject: "event relay". It is taken to work until it fails. */
export function createConditionLog(logger: Logger, subject: string): ConditionLog {
  let failures = 0;
  return {
    works() {
      if (failures > 0) logger.info({ failures }, `${subject} works again`);
      failures = 0;
    },
    fails(error) {
      failures += 1;
      if (failures === 1) logger.warn({ err: error }, `${subject} fails, trying again`);
    },
  };
}
