import { analyticsDataExported, authDataExported, notificationDataExported } from '@orion/platform/event-contracts';
import { on, route } from '@orion/platform/events';
import type { EventHandler } from '@orion/platform/events';
import { keepPiece } from './export.service.js';

/** Collects what the other services tell of people who asked for a copy of their data. */
export function handleExportEvents(): EventHandler {
  return route(
    [authDataExported, notificationDataExported, analyticsDataExported].map((contract) =>
      on(contract, ({ data }, manager) => keepPiece(manager, { ...data, service: contract.owner })),
    ),
  );
}
