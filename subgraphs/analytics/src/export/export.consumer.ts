import { answerExports, readPersonalData } from '@orion/platform/data-export';
import { analyticsDataExported } from '@orion/platform/event-contracts';
import type { EventRoute } from '@orion/platform/events';
import type { Sealer } from '@orion/platform/sealing';
import { PERSONAL_TABLES } from './personal-tables.js';

/** Tells people who want a copy of their data what this service knows of them. */
export function exportRoute(sealer: Sealer): EventRoute {
  return answerExports({
    contract: analyticsDataExported,
    sealer,
    read: (manager, userId) => readPersonalData(manager, userId, PERSONAL_TABLES),
  });
}
