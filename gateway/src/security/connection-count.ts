import { networkOf } from '@orion/platform/address';

/** Open WebSockets and event streams by client: an IPv4 address or an IPv6 /64 network. */
export interface ConnectionCount {
  /** Counts one more and returns how to take it back, once; null when the client has as many as it may. */
  open(clientIp: string | null): (() => void) | null;
}

export function createConnectionCount(limit: number): ConnectionCount {
  const counts = new Map<string, number>();
  return {
    open: (clientIp) => {
      const key = networkOf(clientIp ?? '');
      const current = counts.get(key) ?? 0;
      if (current >= limit) return null;
      counts.set(key, current + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
}
