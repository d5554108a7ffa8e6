import { z } from 'zod';
import type { AnnouncementReader } from './follow-announcements.js';

const dataSchema = z.object({ kind: z.string() });

/** Calls back when the issuer says that it signs with other keys: a key that it took back must not verify any longer. */
export function readKeyRotations(onRotated: () => void): AnnouncementReader {
  return {
    topics: ['orion.auth'],
    take: ({ type, data }) => {
      if (type !== 'dev.orion.security.event_recorded.v1') return true;
      const parsed = dataSchema.safeParse(data);
      if (parsed.success && parsed.data.kind === 'signing_keys_rotated') onRotated();
      return parsed.success;
    },
  };
}
