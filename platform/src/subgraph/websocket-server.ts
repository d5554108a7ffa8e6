import type { Server } from 'node:http';
import { subscribe } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { CONTEXT_HEADER, ContextRefusedError, verifyContext } from '../identity/index.js';
import type { RequestOrigin } from '../identity/index.js';
import type { Logger } from '../log/index.js';
import { findUnstorableText } from './refuse-unstorable-text.js';
import type { ContextFactory } from './subgraph-context.js';

const FRAME_LIMIT_BYTES = 1024 * 1024;

/** Serves subscriptions over graphql-transport-ws to holders of a signed context. Returns how to close it. */
export function serveSubscriptions(
  server: Server,
  options: {
    readonly name: string;
    readonly schema: GraphQLSchema;
    readonly contextOf: ContextFactory;
    readonly contextSecret: string;
    readonly logger: Logger;
  },
): { close(): Promise<void> } {
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: FRAME_LIMIT_BYTES });
  const disposable = useServer<Record<string, unknown>, { origin?: RequestOrigin }>(
    {
      schema: options.schema,
      connectionInitWaitTimeout: 3_000,
      onConnect: async ({ connectionParams, extra }) => {
        const token = connectionParams?.[CONTEXT_HEADER];
        try {
          extra.origin = await verifyContext(typeof token === 'string' ? token : undefined, {
            secret: options.contextSecret,
            audience: options.name,
            body: '',
          });
          return true;
        } catch (error) {
          if (!(error instanceof ContextRefusedError)) throw error;
          options.logger.warn({ reason: error.message }, 'socket without a valid signed context refused');
          return false;
        }
      },
      subscribe: (args) => {
        const error = findUnstorableText(args.document, args.variableValues);
        return error === undefined ? subscribe(args) : { errors: [error] };
      },
      context: ({ extra }) => {
        if (extra.origin === undefined) throw new Error('a socket without an origin was acknowledged');
        return options.contextOf(extra.origin, 'live');
      },
    },
    sockets,
  );
  return { close: async () => void (await disposable.dispose()) };
}
