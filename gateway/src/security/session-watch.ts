import type { Caller } from './caller.js';
import type { Revocations } from './revocations.js';

/** setTimeout fires at once for a longer delay. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Why a caller may not listen any longer. */
export type SessionEnd = 'expired' | 'revoked';

/**
 * Calls `onEnd` once, when the caller's token expires or its session is revoked (also when it already was: the token
 * may have been verified just before). Returns how to stop watching. An anonymous caller has nothing to end.
 */
export function watchSession(
  caller: Caller,
  { revocations, onEnd }: { readonly revocations: Revocations; readonly onEnd: (end: SessionEnd) => void },
): () => void {
  const { viewer } = caller.origin;
  if (viewer === null) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
    stopListening();
  };
  const end = (reason: SessionEnd): void => {
    if (isOver) return;
    stop();
    onEnd(reason);
  };
  const stopListening = revocations.onRevoked((sessionId) => {
    if (sessionId === viewer.sessionId) end('revoked');
  });
  if (revocations.has(viewer.sessionId)) {
    queueMicrotask(() => end('revoked'));
  } else if (caller.expiresAt !== null) {
    timer = setTimeout(() => end('expired'), Math.min(Math.max(caller.expiresAt - Date.now(), 0), LONGEST_DELAY_MS));
    timer.unref();
  }
  return stop;
}
