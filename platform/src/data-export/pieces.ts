import { userExportRequested } from '../event-contracts/index.js';
import type { DataExported } from '../event-contracts/index.js';
import { on, publish } from '../events/index.js';
import type { EventRoute } from '../events/index.js';
import type { Sealer } from '../sealing/index.js';
import type { EntityManager } from 'typeorm';

const SEAL = 'data-export';
/** Sealed, in base64 and with its envelope it stays below what an event may be. */
const PIECE_BYTES = 128 * 1024;

/** The JSON text of the data in sealed pieces, each small enough for an event. */
export function sealPieces(sealer: Sealer, data: unknown): readonly string[] {
  const bytes = Buffer.from(JSON.stringify(data));
  const count = Math.max(1, Math.ceil(bytes.length / PIECE_BYTES));
  return Array.from({ length: count }, (_, index) =>
    sealer.seal(bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES).toString('base64'), SEAL),
  );
}

/** What {@link sealPieces} sealed, given all of it in order. */
export function openPieces(sealer: Sealer, pieces: readonly string[]): unknown {
  const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(sealer.open(piece, SEAL), 'base64')));
  return JSON.parse(bytes.toString('utf8')) as unknown;
}

/** Answers each request for a copy of somebody's data with what this service knows, in the consumer's transaction. */
export function answerExports({
  contract,
  sealer,
  read,
}: {
  readonly contract: DataExported;
  readonly sealer: Sealer;
  readonly read: (manager: EntityManager, userId: string) => Promise<unknown>;
}): EventRoute {
  return on(userExportRequested, async ({ data: { userId, exportId } }, manager) => {
    const pieces = sealPieces(sealer, await read(manager, userId));
    const part = { userId, exportId, service: contract.owner, count: pieces.length };
    await publish(
      manager,
      pieces.map((piece, index) => contract.of({ ...part, index, piece })),
    );
  });
}
