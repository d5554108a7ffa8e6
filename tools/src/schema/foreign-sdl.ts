import { parse } from 'graphql';
import { Problem, errorText } from '../problem/index.js';

const PATIENCE_MS = 10_000;

/**
 * Asks a running subgraph for its SDL, as federation's specification has it.
 * https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
 */
export async function fetchSdl(name: string, { url }: { readonly url: string }): Promise<string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = (await response.json()) as {
      readonly data?: { readonly _service?: { readonly sdl?: unknown } | null } | null;
    };
    const sdl = answer.data?._service?.sdl;
    if (typeof sdl !== 'string') throw new Error(`it answered ${response.status} without _service.sdl`);
    parse(sdl);
    return sdl.endsWith('\n') ? sdl : `${sdl}\n`;
  } catch (error) {
    throw new Problem(`The SDL of subgraph ${name} cannot be had from ${url}: ${errorText(error)}`, {
      advice: [
        'Start that subgraph, or save its SDL to a file and name the file in rover.yaml (schema: { file: ... }).',
      ],
      cause: error,
    });
  }
}
