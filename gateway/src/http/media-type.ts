/** How a GraphQL response over HTTP is labelled: https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types */
export type MediaType = 'application/graphql-response+json' | 'application/json';

const MODERN = 'application/graphql-response+json';
const LEGACY = 'application/json';

/** Clients send few different headers; what is longer or more is worked out anew. */
const KEPT = 100;
const known = new Map<string, MediaType | undefined>();

/** The media type of the answer to a client that accepts this; undefined when it accepts neither. */
export function acceptedMediaType(accept: string | undefined): MediaType | undefined {
  if (accept === undefined) return LEGACY;
  if (known.has(accept)) return known.get(accept);
  const chosen = choose(accept);
  if (known.size < KEPT && accept.length < 200) known.set(accept, chosen);
  return chosen;
}

/** RFC 9110, section 12.5.1: the higher quality wins; between equals the modern type, when it is named. */
function choose(accept: string): MediaType | undefined {
  const ranges = accept.split(',').map(parseRange);
  const quality = (type: MediaType): number => {
    const exact = ranges.find((range) => range.type === type);
    const group = ranges.find((range) => range.type === 'application/*');
    const any = ranges.find((range) => range.type === '*/*');
    return (exact ?? group ?? any)?.quality ?? 0;
  };
  const isNamed = ranges.some(({ type }) => type === MODERN);
  const modern = isNamed ? quality(MODERN) : 0;
  const legacy = quality(LEGACY);
  if (modern > 0 && modern >= legacy) return MODERN;
  return legacy > 0 ? LEGACY : undefined;
}

function parseRange(range: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const isUtf8 = parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter),
  );
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: isUtf8 && !Number.isNaN(quality) ? quality : 0 };
}
