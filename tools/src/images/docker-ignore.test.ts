import { readDockerIgnore } from './docker-ignore.js';

const ignore = readDockerIgnore(`
# nothing but what is named
*
!platform
!schema/supergraph.graphql
**/dist
**/.env*
*.log
`);

describe('.dockerignore', () => {
  it.each([
    'node_modules',
    '.env',
    'docs/a/b.md',
    'schema/api.graphql',
    'platform/dist',
    'platform/a/dist/x.js',
    'platform/.env.local',
    'x.log',
  ])('keeps %s out', (path) => expect(ignore.ignores(path)).toBe(true));

  it.each(['platform', 'platform/src/a.ts', 'schema/supergraph.graphql', 'platform/distance.ts', 'platform/a.log'])(
    'lets %s in',
    (path) => expect(ignore.ignores(path)).toBe(false),
  );

  it('knows the folders that hold something taken back', () => {
    expect(ignore.hasExceptionBelow('schema')).toBe(true);
    expect(ignore.hasExceptionBelow('docs')).toBe(false);
  });
});
