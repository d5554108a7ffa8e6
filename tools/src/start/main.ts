import { once } from 'node:events';
import path from 'node:path';
import { fixedPorts, listSubgraphs, startPlatform } from '../platform/index.js';
import type { Platform, PlatformEvent } from '../platform/index.js';
import { banner, summary } from './banner.js';
import { findEndpoints } from './endpoints.js';
import { requireFreePorts } from './port-check.js';
import { refuseProductionDefaults } from './production.js';
import { selfCheck } from './self-check.js';
import type { SelfCheck } from './self-check.js';

/** How the bootstrap shows what takes its time (tools/bootstrap/progress.mjs). */
export interface Progress {
  during<T>(text: string, work: (step: { readonly update: (text: string) => void }) => Promise<T>): Promise<T>;
  line(text: string): void;
}

export interface StartOptions {
  /** The checkout, installed and built. */
  readonly root: string;
  /** Of the gateway. */
  readonly port: number;
  /** One line of JSON instead of the banner. */
  readonly json: boolean;
  readonly progress: Progress;
  /** Aborts when the platform is to stop, at whatever moment. */
  readonly signal: AbortSignal;
}

/** `npm start`: the platform in demo mode until the signal aborts. Resolves with the exit status. */
export async function start(options: StartOptions): Promise<number> {
  const { root, port, progress, signal } = options;
  refuseProductionDefaults(process.env);
  const dataDir = process.env['ORION_DATA_DIR'];
  await requireFreePorts(fixedPorts(await listSubgraphs(root), { gatewayPort: port }), { root });
  const platform = await progress.during('starting', ({ update }) => {
    const waitingFor = new Set<string>();
    return startPlatform({
      mode: 'demo',
      root,
      gatewayPort: port,
      signal,
      ...(dataDir === undefined || dataDir === '' ? {} : { dataDir: path.resolve(root, dataDir) }),
      onEvent: (event) => {
        if (event.restarts === 0) {
          if (event.type === 'starting') waitingFor.add(event.name);
          else waitingFor.delete(event.name);
          update(waitingFor.size === 0 ? 'preparing databases' : `starting ${[...waitingFor].join(', ')}`);
        } else progress.line(describe(event));
      },
    });
  });
  try {
    const [checks, endpoints] = await progress.during('checking', () =>
      Promise.all([checked(platform, { signal }), findEndpoints(platform)]),
    );
    signal.throwIfAborted();
    const report = { root, platform, checks, endpoints, readySeconds: process.uptime() };
    process.stdout.write(options.json ? `${JSON.stringify(summary(report))}\n` : banner(report));
    await once(signal, 'abort');
  } finally {
    progress.line('stopping');
    await platform.stop();
  }
  return 0;
}

/** Without demo accounts nobody can be signed in: then that all services are ready has to do. */
async function checked(platform: Platform, { signal }: { readonly signal: AbortSignal }): Promise<SelfCheck | null> {
  return process.env['NODE_ENV'] === 'production' ? null : selfCheck(platform, { signal });
}

function describe(event: PlatformEvent): string {
  switch (event.type) {
    case 'starting':
      return `${event.name}: starting again`;
    case 'ready':
      return `${event.name}: back after ${(event.afterMs / 1000).toFixed(1)} s`;
    case 'ended':
      return `${event.name}: ended (${event.how})${event.restartInMs === null ? '' : `, starts again in ${event.restartInMs} ms`}`;
  }
}
