import { camelCaseKeys, createGroupCommit } from '@orion/platform/database';
import type { DataSource } from 'typeorm';

/** A mail that is about to be sent. */
export interface BegunMail {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly bodySealed: string | null;
  /** Number of this attempt, from 1. */
  readonly attempts: number;
}

/** The attempt is there before the mail is sent: one whose process died is seen by its missing outcome. */
const BEGIN = `
  WITH begun AS (
    UPDATE mails SET attempts = attempts + 1 FROM unnest($1::uuid[]) AS wanted (id)
     WHERE mails.id = wanted.id AND status = 'QUEUED'
    RETURNING mails.id, recipient, subject, body_sealed, attempts
  ), attempt AS (
    INSERT INTO delivery_attempts (mail_id, number) SELECT id, attempts FROM begun
  )
  SELECT * FROM begun`;

interface Beginning {
  readonly mailId: string;
  mail?: BegunMail | undefined;
}

/**
 * Begins the next attempt at a mail; undefined when there is nothing more to send. Those that begin at one time are one
 * statement.
 */
export function createMailBeginner(database: DataSource): (mailId: string) => Promise<BegunMail | undefined> {
  const begin = createGroupCommit<Beginning>(async (beginnings) => {
    const rows: Record<string, unknown>[] = await database.query(BEGIN, [
      beginnings.map(({ mailId }) => mailId).toSorted(),
    ]);
    const begun = new Map(rows.map((row) => camelCaseKeys<BegunMail>(row)).map((mail) => [mail.id, mail]));
    for (const beginning of beginnings) beginning.mail = begun.get(beginning.mailId);
  });
  return async (mailId) => {
    const beginning: Beginning = { mailId };
    await begin(beginning);
    return beginning.mail;
  };
}
