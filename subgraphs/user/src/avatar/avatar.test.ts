import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { uuidv7 } from '@orion/platform/ids';
import { openTestBus, startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestBus, TestSubgraph } from '@orion/platform/testing';
import sharp from 'sharp';
import { subgraph } from '../subgraph.js';
import { ImageWorkshop } from './image-workshop.js';

let running: TestSubgraph;
let bus: TestBus;
beforeAll(async () => {
  running = await startTestSubgraph(subgraph, { PUBLIC_URL: 'https://orion.example/' });
  bus = await openTestBus(running, { group: 'user' });
});
afterAll(async () => {
  await bus.stop();
  await running.stop();
});

const UPLOAD = `mutation ($input: UploadAvatarInput!) { uploadAvatar(input: $input) {
  user { profileVersion avatar { url width height } small: avatar(size: SMALL) { url width } large: avatar(size: LARGE) { url } }
  userErrors { code path } } }`;

async function upload(content: string, userId = uuidv7()) {
  const { data, errors } = await running.query(UPLOAD, {
    viewer: testViewer({ userId }),
    variables: { input: { content } },
  });
  expect(errors).toEqual([]);
  return data.uploadAvatar;
}

const refused = (code: string) => ({ user: null, userErrors: [{ code, path: ['input', 'content'] }] });

const fetchFile = async (url: string) =>
  fetch(url.replace('https://orion.example', new URL(running.url).origin), { redirect: 'manual' });

function picture(width = 800, height = 600) {
  return sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });
}

/** A PNG whose header claims a size that its data need not have. */
function pngOfClaimedSize(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('a picture is kept in three sizes under names that nobody can guess', async () => {
  const userId = uuidv7();
  const content = (await picture().png().toBuffer()).toString('base64');
  const { user, userErrors } = await upload(`data:image/png;base64,${content}`, userId);
  expect(userErrors).toEqual([]);
  expect(user).toMatchObject({ avatar: { width: 256, height: 256 }, small: { width: 64 } });
  expect(user.avatar.url).toMatch(/^https:\/\/orion\.example\/avatars\/[\w-]{43}-256\.webp$/);
  const response = await fetchFile(user.large.url);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/webp',
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  const metadata = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
  expect(metadata).toMatchObject({ format: 'webp', width: 512, height: 512 });
  // The same picture once more, of somebody else: another name.
  const other = await upload(content);
  expect(other.user.avatar.url).not.toBe(user.avatar.url);
  const removed = await running.query('mutation { removeAvatar { user { avatar { url } } userErrors { code } } }', {
    viewer: testViewer({ userId }),
  });
  expect(removed.data.removeAvatar).toEqual({ user: { avatar: null }, userErrors: [] });
  expect((await fetchFile(user.avatar.url)).status).toBe(404);
});

test('ID-87: EXIF with a place is gone, and the picture stands upright', async () => {
  const bytes = await picture(300, 200)
    .jpeg()
    .withExif({
      IFD0: { Copyright: 'somebody', Make: 'camera' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    })
    .toBuffer();
  expect((await sharp(bytes).metadata()).exif).toBeDefined();
  const { user } = await upload(bytes.toString('base64'));
  const stored = Buffer.from(await (await fetchFile(user.large.url)).arrayBuffer());
  const metadata = await sharp(stored).metadata();
  expect([metadata.exif, metadata.xmp, metadata.icc, metadata.iptc]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(stored.includes('somebody')).toBe(false);
});

test('ID-87: SVG with a script, HTML and what is no picture are refused, whatever type they claim', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
  const html = '<!doctype html><script>alert(1)</script>';
  for (const text of [svg, `<?xml version="1.0"?>${svg}`, html, 'GIF89a/*', '%PDF-1.4', '', '\0']) {
    const base64 = Buffer.from(text).toString('base64');
    for (const content of [base64, `data:image/png;base64,${base64}`, `data:image/svg+xml;base64,${base64}`])
      expect(await upload(content)).toEqual(refused('IMAGE_INVALID'));
  }
  for (const content of ['not base64!', 'data:image/png,plain', 'https://example.com/a.png', '../../etc/passwd'])
    expect(await upload(content)).toEqual(refused('IMAGE_INVALID'));
  const tiff = await picture(20, 20).tiff().toBuffer();
  expect(await upload(tiff.toString('base64'))).toEqual(refused('IMAGE_INVALID'));
});

test('ID-87: of a picture that is a script as well, only the picture is kept', async () => {
  const script = '<script>alert(1)</script>';
  const polyglot = Buffer.concat([await picture(40, 40).png().toBuffer(), Buffer.from(script)]);
  const { user, userErrors } = await upload(`data:text/html;base64,${polyglot.toString('base64')}`);
  expect(userErrors).toEqual([]);
  const stored = Buffer.from(await (await fetchFile(user.large.url)).arrayBuffer());
  expect(stored.includes('script')).toBe(false);
  expect((await fetchFile(user.large.url)).headers.get('content-type')).toBe('image/webp');
});

test('ID-87: a bomb is refused by its header, before it is decoded', async () => {
  const before = process.memoryUsage().rss;
  const began = process.cpuUsage();
  expect(await upload(pngOfClaimedSize(50_000, 50_000).toString('base64'))).toEqual(refused('IMAGE_TOO_LARGE'));
  const { user, system } = process.cpuUsage(began);
  // 50,000 times 50,000 pixels take 7.5 GB and many seconds.
  expect((user + system) / 1_000).toBeLessThan(2_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024);
  // Data that ends too early is no picture.
  expect(await upload(pngOfClaimedSize(4_000, 4_000).toString('base64'))).toEqual(refused('IMAGE_INVALID'));
});

test('ID-87: more than 512 KiB is refused', async () => {
  expect(await upload(randomBytes(513 * 1024).toString('base64'))).toEqual(refused('IMAGE_TOO_LARGE'));
  expect(await upload('A'.repeat(800_000))).toEqual(refused('IMAGE_TOO_LARGE'));
});

test('ID-87: a name that is no file is none', async () => {
  const { origin } = new URL(running.url);
  for (const name of [
    '../health',
    '%2e%2e/health',
    'x.png',
    `${'a'.repeat(43)}-256.webp`,
    `${'a'.repeat(43)}-9.webp`,
    '',
  ]) {
    const { status } = await fetch(`${origin}/avatars/${name}`);
    // A client resolves the two dots itself, and then asks for the health.
    expect(name.startsWith('..') || name.startsWith('%2e') ? 200 : 404).toBe(status);
  }
});

test('ID-87: pictures are made a few at a time, and too many are refused', async () => {
  const workshop = new ImageWorkshop();
  const bytes = await picture(1_000, 1_000).png().toBuffer();
  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => workshop.make(bytes)));
  const refusals = outcomes.filter(({ status }) => status === 'rejected');
  expect(refusals).toHaveLength(12);
  expect(refusals[0]).toMatchObject({ reason: { extensions: { code: 'RATE_LIMITED' } } });
  expect(Array.isArray(await workshop.make(bytes))).toBe(true);
});
