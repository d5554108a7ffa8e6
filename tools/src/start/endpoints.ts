import type { Platform } from '../platform/index.js';

/** A page or resource that the gateway serves. */
export interface Endpoint {
  readonly label: string;
  readonly path: string;
  readonly note: string;
}

const CANDIDATES: readonly (Endpoint & { readonly html: boolean })[] = [
  { label: 'Console', path: '/console', note: '', html: true },
  { label: 'GraphiQL', path: '/graphiql', note: 'works offline', html: true },
  { label: 'Sandbox', path: '/sandbox', note: 'Apollo Sandbox, needs internet', html: true },
  { label: 'Health', path: '/health', note: '', html: false },
  { label: 'JWKS', path: '/.well-known/jwks.json', note: '', html: false },
];

/** Those that answer: nothing is announced that is not there. */
export async function findEndpoints(platform: Platform): Promise<readonly Endpoint[]> {
  const answers = await Promise.all(
    CANDIDATES.map((candidate) => answersAt(new URL(candidate.path, platform.url), candidate)),
  );
  return CANDIDATES.filter((_, index) => answers[index]);
}

async function answersAt(url: URL, { html }: { readonly html: boolean }): Promise<boolean> {
  try {
    const response = await fetch(url, {
      headers: { accept: html ? 'text/html' : 'application/json' },
      signal: AbortSignal.timeout(3_000),
    });
    await response.body?.cancel();
    return response.ok && (response.headers.get('content-type')?.includes('text/html') ?? false) === html;
  } catch {
    // Whatever keeps it from answering keeps it out of the banner; the self-check reports a gateway that is down.
    return false;
  }
}
