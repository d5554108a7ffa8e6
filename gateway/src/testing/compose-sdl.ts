import { composeSupergraph } from '../supergraph/compose.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject",
  "@context", "@fromContext", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize", "@tag"
])
`;

/** The supergraph of subgraphs that nobody runs, by name; every directive of federation can be used in them. */
export function composeSdl(subgraphs: Readonly<Record<string, string>>): Promise<string> {
  return composeSupergraph(
    Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://${name}`, sdl: LINK + sdl, origin: name })),
  );
}
