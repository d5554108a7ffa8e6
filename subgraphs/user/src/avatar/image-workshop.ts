import { rateLimited } from '@orion/platform/errors';
import type Sharp from 'sharp';

/** Decoded, that is 96 MB: sharp looks at the header and refuses more before it decodes. */
const MOST_PIXELS = 24_000_000;
const SECONDS = 10;
/** Each takes a thread of the pool that files and DNS use as well. */
const AT_ONCE = 2;
const MOST_WAITING = 16;
const RETRY_SECONDS = 2;

/** What pictures are kept as, in pixels. */
export const AVATAR_PIXELS = [64, 256, 512] as const;
const LARGEST = Math.max(...AVATAR_PIXELS);

/** A picture in one size, as WebP. */
export interface SizedImage {
  readonly size: number;
  readonly content: Buffer;
}

let loading: Promise<typeof Sharp> | undefined;

/** With the first picture: it takes longer to load than the rest of the service, and many processes never see one. */
function loadSharp(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // Of all that libvips can read (SVG with what it refers to, PDF, and more) only these.
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({
      operation: [
        'VipsForeignLoadJpegBuffer',
        'VipsForeignLoadPngBuffer',
        'VipsForeignLoadWebpBuffer',
        'VipsForeignLoadNsgifBuffer',
      ],
    });
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/** Reads pictures of strangers and makes them anew, a few at a time. */
export class ImageWorkshop {
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * The picture in every size, cut to a square. Nothing of what was sent is kept but what it looks like. Null for what
   * cannot be read. Throws RATE_LIMITED when too many wait already.
   */
  async make(bytes: Buffer): Promise<readonly SizedImage[] | 'IMAGE_INVALID' | 'IMAGE_TOO_LARGE'> {
    const sharp = await loadSharp();
    await this.#enter();
    try {
      const square = await readSquare(sharp, bytes);
      const images: SizedImage[] = [];
      for (const size of AVATAR_PIXELS) images.push({ size, content: await square(size) });
      return images;
    } catch (error) {
      // sharp has no codes: whatever it says, these bytes are no picture for us.
      return error instanceof Error && error.message.includes('pixel limit') ? 'IMAGE_TOO_LARGE' : 'IMAGE_INVALID';
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING) throw rateLimited(RETRY_SECONDS);
    if (this.#busy >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy += 1;
  }
}

/** Decodes what a stranger sent, once, to pixels; what is made of these knows nothing of the file. */
async function readSquare(sharp: typeof Sharp, bytes: Buffer): Promise<(size: number) => Promise<Buffer>> {
  const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 })
    .autoOrient()
    .resize(LARGEST, LARGEST, { fit: 'cover' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .timeout({ seconds: SECONDS })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return (size) =>
    sharp(data, { raw: { width, height, channels } }).resize(size, size).webp({ quality: 82 }).toBuffer();
}
