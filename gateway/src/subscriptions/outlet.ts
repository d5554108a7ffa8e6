import type { Writable } from 'node:stream';

/** The way to one client, shared by all its streams. */
export interface Outlet {
  /** More is on its way than the connection takes at the moment; what is written anyway waits in memory. */
  isCongested(): boolean;
  write(bytes: Buffer): void;
  /** Writes two buffers that belong together, without a copy. */
  writePair(first: Buffer, second: Buffer): void;
  /** Runs `writes` and hands all that they write to the system at once. */
  together(writes: () => void): void;
  /** Calls back once when the connection takes more; whoever asked first is called first. */
  whenReady(flush: () => void): void;
  /** Does not call back any more. */
  forget(flush: () => void): void;
}

/** `isOpen` is asked before each write: nothing may follow the close frame of a WebSocket. */
export function createOutlet(connection: Writable, isOpen: () => boolean): Outlet {
  let isCongested = false;
  const waiting = new Set<() => void>();
  const write = (bytes: Buffer): void => {
    if (isOpen() && !connection.write(bytes)) isCongested = true;
  };
  connection.on('drain', () => {
    isCongested = false;
    // Whoever is still not done when the connection is congested again has queued up behind the others.
    for (const flush of waiting) {
      if (isCongested) return;
      waiting.delete(flush);
      flush();
    }
  });
  const together = (writes: () => void): void => {
    connection.cork();
    try {
      writes();
    } finally {
      connection.uncork();
    }
  };
  return {
    isCongested: () => isCongested,
    write,
    writePair: (first, second) =>
      together(() => {
        write(first);
        write(second);
      }),
    together,
    whenReady: (flush) => void waiting.add(flush),
    forget: (flush) => void waiting.delete(flush),
  };
}
