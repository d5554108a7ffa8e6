import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@orion/platform/log';
import type { MetricsPage } from './prometheus.js';

export const METRICS_PATH = '/metrics';

/** A port of its own for whoever may see the metrics, and nobody else. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly page: () => Promise<MetricsPage>;
  readonly logger: Logger;
}

/** Rejects with the system's error, for instance EADDRINUSE. */
export async function openMetricsServer({ host, port, page, logger }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== METRICS_PATH) {
      answer(response, 404, `There is nothing here but GET ${METRICS_PATH}.\n`);
      return;
    }
    page().then(
      ({ contentType, text }) => answer(response.setHeader('content-type', contentType), 200, text),
      (error: unknown) => {
        logger.error({ err: error }, 'the metrics cannot be read');
        answer(response, 500, 'The metrics cannot be read.\n');
      },
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  logger.info({ host, port: bound }, 'metrics are served');
  return {
    port: bound,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status).end(text);
}
