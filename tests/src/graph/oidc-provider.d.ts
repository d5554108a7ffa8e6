declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  /** What a middleware sees of a request (koa). */
  interface ProviderContext {
    readonly path: string;
    readonly method: string;
    get(header: string): string;
    body: unknown;
    status: number;
  }

  /** A provider of OpenID Connect, certified: github.com/panva/node-oidc-provider. */
  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    use(middleware: (context: ProviderContext, next: () => Promise<void>) => Promise<void>): void;
    readonly AccessToken: { find(token: string): Promise<{ readonly accountId: string } | undefined> };
  }
}
