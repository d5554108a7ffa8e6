import { isDisplayName } from '@orion/platform/text';
import type { EmailAddress } from '../account/email-address.js';
import type { ForeignIdentity } from './identity-source.js';

/** What to call somebody: as the provider does, when that can be shown, else by the local part of their address. */
export function displayNameOf({ displayName }: ForeignIdentity, { spelling }: EmailAddress): string {
  const [localPart = ''] = spelling.split('@');
  const named = [displayName ?? '', localPart].map((name) => name.normalize('NFC').trim());
  return named.find((name) => isDisplayName(name)) ?? 'New member';
}
