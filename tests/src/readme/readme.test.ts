import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';

const README = new URL('../../../README.md', import.meta.url);

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
}, 60_000);
afterAll(() => platform?.stop());

/** The commands of the tutorial, a block a step, as they are printed. */
async function steps(): Promise<readonly string[]> {
  const text = await readFile(README, 'utf8');
  const [, tutorial = ''] = /## Two minutes with it\n(.*?)\n## /s.exec(text) ?? [];
  return [...tutorial.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
}

test('the tutorial of the README does what it says, pasted into one shell', async () => {
  const blocks = await steps();
  expect(blocks).toHaveLength(7);
  const shell = spawn('bash', [], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  shell.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  try {
    const paste = async (block: string | undefined, appears: RegExp) => {
      output = '';
      shell.stdin.write(`${(block ?? '').replace('http://localhost:4000/graphql', platform.url)}\n`);
      await eventually(() => appears.test(output)).catch((error: unknown) => {
        throw new Error(`the step did not print ${String(appears)} but:\n${output}`, { cause: error });
      });
    };
    await paste(blocks[0], /"accepted":true/);
    // A person takes longer to read on than the mail takes to arrive.
    const mail = 'gql \'{"query":"{ capturedMessages(recipient: \\"carol@example.com\\") { nodes { text } } }"}\'';
    await paste(`until ${mail} | grep token=; do :; done`, /token=/);
    await paste(`${blocks[1]}\necho "LINK=<$LINK>"`, /LINK=<[\w-]{20,}>/);
    await paste(`${blocks[2]}\necho "TOKEN=<$TOKEN>"`, /"verified":true[\s\S]*TOKEN=<[\w.-]{100,}>/);
    await paste(blocks[3], /"displayName":"Carol"/);
    await paste(blocks[4], /event: next[\s\S]*"rev"/);
    await paste(blocks[5], /"title":"Hello","body":"Nice to see you here.","actor":\{"displayName":"Admin"\}/);
    await paste(blocks[6], /"revokedSessions":1[\s\S]*UNAUTHENTICATED/);
  } finally {
    shell.kill('SIGKILL');
  }
}, 60_000);
