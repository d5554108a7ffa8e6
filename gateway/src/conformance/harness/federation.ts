const DIRECTIVES = [
  '@key',
  '@requires',
  '@provides',
  '@external',
  '@extends',
  '@shareable',
  '@inaccessible',
  '@override',
  '@interfaceObject',
  '@tag',
  '@composeDirective',
  '@context',
  '@fromContext',
  '@authenticated',
  '@requiresScopes',
  '@policy',
  '@cost',
  '@listSize',
];

/** What makes a subgraph's SDL federation 2, with every directive under its plain name. */
export const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${DIRECTIVES.map(
  (name) => JSON.stringify(name),
).join(', ')}, "FieldSet", "ContextFieldValue"])`;
