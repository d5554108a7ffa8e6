import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import { KEY_SEAL } from '../token/key-rotation.js';
import { TOTP_SEAL } from '../two-factor/totp.js';

const PAGE = 200;

/** A sealed column that is kept for as long as what it belongs to. */
interface LastingSeal {
  readonly table: string;
  /** Column that identifies a row. */
  readonly id: string;
  readonly column: string;
  readonly purpose: string;
}

/** What is sealed elsewhere is over within days: an old key is kept for so long. */
const LASTING: readonly LastingSeal[] = [
  { table: 'signing_keys', id: 'id', column: 'private_sealed', purpose: KEY_SEAL },
  { table: 'two_factor_auth', id: 'user_id', column: 'secret_sealed', purpose: TOTP_SEAL },
];

/**
 * Seals anew, with the present key, what an earlier one has sealed. Returns how many texts. Throws, after all others are
 * done, when some were sealed with a key that is not known any more.
 */
export async function reseal(database: DataSource, sealer: Sealer): Promise<number> {
  const failures: unknown[] = [];
  let changed = 0;
  for (const seal of LASTING) {
    for (let page = await oldTexts(database, { seal, sealer, after: '' }); page.length > 0;) {
      for (const row of page) {
        try {
          changed += await sealAnew(database, { seal, sealer, row });
        } catch (error) {
          // The others can be read.
          failures.push(error);
        }
      }
      page = await oldTexts(database, { seal, sealer, after: page.at(-1)?.id ?? '' });
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} texts cannot be sealed anew`);
  return changed;
}

interface SealedRow {
  readonly id: string;
  readonly text: string;
}

function oldTexts(
  database: DataSource,
  {
    seal: { table, id, column },
    sealer,
    after,
  }: { readonly seal: LastingSeal; readonly sealer: Sealer; readonly after: string },
): Promise<SealedRow[]> {
  return database.query(
    `SELECT ${id}::text AS id, ${column} AS text FROM ${table}
      WHERE NOT starts_with(${column}, $1) AND ${id}::text > $2 ORDER BY ${id}::text LIMIT ${PAGE}`,
    [sealer.prefix, after],
  );
}

/** Only what is still there: a secret that was just replaced must not come back. */
async function sealAnew(
  database: DataSource,
  {
    seal: { table, id, column, purpose },
    sealer,
    row,
  }: { readonly seal: LastingSeal; readonly sealer: Sealer; readonly row: SealedRow },
): Promise<number> {
  const anew = sealer.seal(sealer.open(row.text, purpose), purpose);
  const [, changed] = await database.query<[unknown, number]>(
    `UPDATE ${table} SET ${column} = $3 WHERE ${id}::text = $1 AND ${column} = $2`,
    [row.id, row.text, anew],
  );
  return changed;
}
