import { isDisplayName } from '@orion/platform/text';
import Bowser from 'bowser';

/** What a device is called until its owner calls it something else. */
export interface DeviceLabel {
  readonly name: string;
  /** Operating system; null when it is not known. */
  readonly platform: string | null;
}

const LONGEST_PRODUCT = 40;

/** For instance `Firefox on Linux`. */
export function labelOfUserAgent(userAgent: string | null): DeviceLabel {
  if (userAgent === null || userAgent === '') return { name: 'Unknown device', platform: null };
  const { browser, os } = Bowser.parse(userAgent);
  const platform = fit(os.name);
  // Programs are no browsers: what they call themselves is before the first slash.
  const product = fit(browser.name) ?? fit(/^[\w .-]+/.exec(userAgent)?.[0]);
  if (product === null) return { name: platform === null ? 'Unknown device' : `A browser on ${platform}`, platform };
  return { name: platform === null ? product : `${product} on ${platform}`, platform };
}

function fit(name: string | undefined): string | null {
  const short = name?.normalize('NFC').trim().slice(0, LONGEST_PRODUCT) ?? '';
  return isDisplayName(short) ? short : null;
}
