import { rootCertificates } from 'node:tls';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';

/** Connections, kept by origin (scheme, host and port). */
export interface Pools {
  /** Throws for an address that is not http or https. */
  of(origin: string): Dispatcher;
  /** Drops every connection; requests under way fail. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Most connections to one origin; further requests wait for a free one. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Certificates in PEM that are trusted beside the public authorities. */
  readonly certificateAuthorities: string | undefined;
}

export function createPools({ connections, connectTimeoutMs, certificateAuthorities }: PoolOptions): Pools {
  const pools = new Map<string, Pool>();
  return {
    of: (origin) => {
      const known = pools.get(origin);
      if (known !== undefined) return known;
      const pool = new Pool(origin, {
        connections,
        pipelining: 1,
        // The deadline of each request is watched outside (deadlines.ts): more precisely, and with one timer for all.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: {
          timeout: connectTimeoutMs,
          ...(certificateAuthorities === undefined ? {} : { ca: [...rootCertificates, certificateAuthorities] }),
        },
      });
      pools.set(origin, pool);
      return pool;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}
