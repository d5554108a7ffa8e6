import { environmentOf, execForm, finalStage, readDockerfile } from './dockerfile.js';
import { checkDockerfile } from './dockerfile-rules.js';

const GOOD = `# an image
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci \\
    # not for production
    --omit=dev && \\
    true

FROM node:20.20.2-bookworm-slim
ARG SUBGRAPH
ENV NODE_ENV=production GREETING="good day"
COPY --from=build --chown=node /app ./
USER node
HEALTHCHECK --interval=10s CMD ["node", "-e", "0"]
CMD ["node", "main.js"]
`;

function faultsOf(text: string): string[] {
  return checkDockerfile(readDockerfile(text, { file: 'Dockerfile' })).map(
    ({ line, message }) => `${line}: ${message}`,
  );
}

describe('a Dockerfile', () => {
  it('is read with its stages, flags and continued lines', () => {
    const { stages } = readDockerfile(GOOD, { file: 'Dockerfile' });
    expect(stages.map(({ name, image, line }) => ({ name, image, line }))).toEqual([
      { name: 'build', image: 'node:20.20.2-bookworm-slim', line: 2 },
      { name: undefined, image: 'node:20.20.2-bookworm-slim', line: 10 },
    ]);
    expect(stages[0]?.instructions.at(-1)).toEqual({
      keyword: 'RUN',
      flags: {},
      text: 'npm ci --omit=dev && true',
      line: 5,
    });
    expect(stages[1]?.instructions[2]).toEqual({
      keyword: 'COPY',
      flags: { from: 'build', chown: 'node' },
      text: '/app ./',
      line: 13,
    });
  });

  it('tells what its image sets and starts', () => {
    const last = finalStage(readDockerfile(GOOD, { file: 'Dockerfile' }));
    expect(environmentOf(last)).toEqual(['NODE_ENV', 'GREETING']);
    expect(execForm(last.instructions.at(-1)?.text ?? '')).toEqual(['node', 'main.js']);
    expect(execForm('node main.js')).toBeUndefined();
  });

  it.each([
    ['ADD x y', 'FROM a:1.2.3\nADD x y\n', 'Dockerfile:2: ADD is not an instruction'],
    ['an instruction before FROM', 'RUN true\nFROM a:1.2.3\n', 'Dockerfile:1: RUN stands before the first FROM'],
    ['no FROM', '# nothing\n', 'Dockerfile: no FROM'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => readDockerfile(text, { file: 'Dockerfile' })).toThrow(message);
  });

  it('that is good has no faults', () => {
    expect(faultsOf(GOOD)).toEqual([]);
  });

  it.each([
    [
      'FROM node:20.20.2-bookworm-slim AS build',
      'FROM node:20 AS build',
      '2: the base image node:20 is not pinned to a full version',
    ],
    [
      'FROM node:20.20.2-bookworm-slim AS build',
      'FROM node:latest AS build',
      '2: the base image node:latest is not pinned to a full version',
    ],
    ['--from=build', '--from=built', '13: COPY --from=built names no stage of this file'],
    ['RUN npm ci', 'RUN npm install', '5: npm install may change what the lockfile says: npm ci'],
    ['ENV NODE_ENV=production', 'ENV API_TOKEN=x', '12: API_TOKEN would stay in the layers of the image'],
    ['ARG SUBGRAPH', 'ARG NPM_TOKEN', '11: NPM_TOKEN would stay in the layers of the image'],
    ['USER node', 'USER root', '14: the image runs as root: USER'],
    ['USER node\n', '', '10: the image runs as root: USER'],
    ['HEALTHCHECK --interval=10s CMD ["node", "-e", "0"]\n', '', '10: the image has no HEALTHCHECK'],
    [
      'CMD ["node", "main.js"]',
      'CMD node main.js',
      '16: CMD needs the exec form: signals would reach a shell and not the service',
    ],
  ])('with %j as %j has a fault', (from, to, fault) => {
    const text = GOOD.replace(from, to);
    expect(text).not.toBe(GOOD);
    expect(faultsOf(text)).toContain(fault);
  });
});
