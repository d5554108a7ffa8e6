import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chmod } from 'node:fs/promises';
import { inspectContents } from './image-contents.js';
import { replayImage } from './replay-stages.js';
import type { ReplayedStage } from './replay-stages.js';
import { startImage } from './start-image.js';

const DOCKERFILE = `FROM node:20.20.2 AS build
WORKDIR /app
COPY . .
RUN mkdir out && cat src/main.js > out/main.js && echo "$GREETING" > out/greeting.txt

FROM node:20.20.2
ARG NAME
ENV GREETING=hello DATA=/app/data.json
WORKDIR /app
COPY --from=build /app/out ./
COPY src/data.json data.json
COPY src/package.json src/lib ./\${NAME}/
WORKDIR /app/\${NAME}
USER node
CMD ["node", "/app/main.js"]
`;

const SERVE = `
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
readFileSync(process.env.DATA);
const server = createServer((request, response) => response.end(process.env.GREETING));
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send({ type: 'ready', port: server.address().port }));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;
const REFUSE =
  "process.stderr.write('configuration is not usable:\\n  - A is not set\\n  - B: too short\\n'); process.exit(78);";

describe('the replay of an image', () => {
  let root: string;
  let scratch: string;
  let built: Map<string, ReplayedStage>;

  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  };
  const replay = (name = 'one'): Promise<ReplayedStage> =>
    replayImage({ root, dockerfile: 'Dockerfile', args: { NAME: name }, scratch, built });

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'orion-context-'));
    scratch = await mkdtemp(path.join(tmpdir(), 'orion-scratch-'));
    await chmod(scratch, 0o755);
    built = new Map();
    await write('Dockerfile', DOCKERFILE);
    await write('.dockerignore', '*\n!src\n**/.env\n');
    await write('src/main.js', SERVE);
    await write('src/data.json', '{}');
    await write('src/package.json', '{"type":"module"}');
    await write('src/lib/deep/a.js', '');
    await write('src/.env', 'SECRET=x');
    await write('notes.txt', '');
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
    await rm(scratch, { recursive: true, force: true });
  });

  it('follows COPY, RUN, ENV, ARG, WORKDIR, USER and CMD', async () => {
    const image = await replay();
    expect(image).toMatchObject({
      workdir: '/app/one',
      user: 'node',
      command: ['node', '/app/main.js'],
      environment: { GREETING: 'hello' },
    });
    // ENV of the last stage is not that of the build.
    expect(await readFile(path.join(image.directory, 'app/greeting.txt'), 'utf8')).toBe('\n');
    for (const file of ['app/main.js', 'app/data.json', 'app/one/package.json', 'app/one/deep/a.js'])
      expect(existsSync(path.join(image.directory, file))).toBe(true);
  });

  it('keeps out what .dockerignore names', async () => {
    await replay();
    const [build] = [...built.values()];
    expect(existsSync(path.join(build?.directory ?? '', 'app/src/main.js'))).toBe(true);
    expect(existsSync(path.join(build?.directory ?? '', 'app/src/.env'))).toBe(false);
    expect(existsSync(path.join(build?.directory ?? '', 'app/notes.txt'))).toBe(false);
  });

  it('builds a stage that two images share once', async () => {
    await replay('one');
    expect(built.size).toBe(2);
    await replay('two');
    expect(built.size).toBe(3);
  });

  it('starts the image, asks for its health and stops it', async () => {
    expect(await startImage(await replay(), { environment: { PORT: '0' } })).toEqual({
      kind: 'served',
      health: 200,
      exit: 0,
    });
  });

  it('tells a configuration that is refused from a crash', async () => {
    await write('src/main.js', REFUSE);
    expect(await startImage(await replay(), { environment: {} })).toEqual({
      kind: 'refused its configuration',
      problems: ['A is not set', 'B: too short'],
    });
  });

  it('shows a module that the image lacks', async () => {
    await write('src/main.js', "import 'a-module-of-nobody';");
    const outcome = await startImage(await replay(), { environment: {} });
    expect(outcome).toMatchObject({ kind: 'ended', exit: 1 });
    expect(JSON.stringify(outcome)).toContain('ERR_MODULE_NOT_FOUND');
  });

  it.each([
    ['COPY src/data.json data.json', 'COPY src/missing.json data.json', 'Dockerfile:11: ENOENT'],
    [
      'COPY src/data.json data.json',
      'COPY notes.txt data.json',
      'Dockerfile:11: COPY notes.txt: .dockerignore keeps it out of the build',
    ],
    ['COPY --from=build /app/out ./', 'COPY --from=build /app/dist ./', 'Dockerfile:10: ENOENT'],
    ['COPY --from=build /app/out ./', 'COPY --from=built /app/out ./', 'Dockerfile:10: there is no stage built'],
    ['RUN mkdir out', 'RUN echo broken >&2 && false && mkdir out', 'broken'],
    ['RUN mkdir out', 'RUN mkdir /out', 'Dockerfile:4: RUN with an absolute path cannot be replayed'],
    ['ARG NAME', 'ARG OTHER', 'Dockerfile:7: ARG OTHER has no value'],
  ])('with %j as %j fails at its line', async (from, to, message) => {
    await write('Dockerfile', DOCKERFILE.replace(from, to));
    await expect(replay()).rejects.toThrow(message);
  });

  it('counts an image and names what does not belong in it', async () => {
    await write('image/app/a.js', '12345');
    await write('image/app/a.test.js', '');
    await write('image/app/.env', '');
    await write('image/app/node_modules/x/x.test.js', '');
    await write('image/app/node_modules/typescript/a.js', '');
    const { files, bytes, unwanted } = await inspectContents(path.join(root, 'image'));
    expect({ files, bytes }).toEqual({ files: 5, bytes: 5 });
    expect(unwanted.toSorted()).toEqual(['app/.env', 'app/a.test.js', 'app/node_modules/typescript']);
  });
});
