import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromiumUnavailableReason, findChromium } from './index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'orion-chromium-'));
  await writeFile(path.join(folder, 'google-chrome'), '');
  await chmod(path.join(folder, 'google-chrome'), 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

test('the first browser in PATH is taken, unless CHROMIUM names one', async () => {
  const PATH = ['/nowhere', '', folder].join(path.delimiter);
  expect(await findChromium({ PATH })).toBe(path.join(folder, 'google-chrome'));
  expect(await findChromium({ PATH: '/nowhere', CHROMIUM: process.execPath })).toBe(process.execPath);
});

test('without one, the reason says what is missing and the advice what to do', async () => {
  expect(await chromiumUnavailableReason({ PATH: '/nowhere' })).toBe('There is no Chromium in PATH.');
  await expect(findChromium({ PATH: folder, CHROMIUM: '/nowhere/chromium' })).rejects.toMatchObject({
    message: 'CHROMIUM is /nowhere/chromium, which cannot be run.',
    advice: [expect.stringContaining('apt-get install chromium') as string],
  });
});
