import { openAccessFixture } from '../testing/access-fixture.js';
import type { AccessFixture } from '../testing/access-fixture.js';
import { ApiKeyService } from './api-key.service.js';

let fixture: AccessFixture;
let keys: ApiKeyService;
beforeAll(async () => {
  fixture = await openAccessFixture();
  keys = new ApiKeyService(fixture.database);
});
afterAll(() => fixture.close());

const ROUNDS = 50;
const DRAFT = { name: 'Build', scopes: [], expiresAt: null, allowedIps: [] };

async function working(userId: string): Promise<string[]> {
  const rows: { id: string }[] = await fixture.database.query(
    'SELECT id FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL',
    [userId],
  );
  return rows.map(({ id }) => id);
}

test('ID-84: of 20 keys made at once there are as many as there may be, in 50 rounds', async () => {
  const userId = await fixture.addUser();
  const owner = fixture.granter(userId);
  const make = () => keys.create(DRAFT, owner);
  for (let number = 0; number < 15; number += 1) await make();
  for (let round = 0; round < ROUNDS; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, make));
    expect(answers.filter(({ fault }) => fault === null)).toHaveLength(5);
    const all = await working(userId);
    expect(all).toHaveLength(20);
    await fixture.database.query('UPDATE api_keys SET revoked_at = now() WHERE id = ANY($1::uuid[])', [all.slice(15)]);
  }
}, 60_000);

test('ID-84: of 20 who rotate a key at once one gets the new one, in 50 rounds', async () => {
  const userId = await fixture.addUser();
  const owner = fixture.granter(userId);
  await keys.create(DRAFT, owner);
  for (let round = 0; round < ROUNDS; round += 1) {
    const [id = ''] = await working(userId);
    const answers = await Promise.all(Array.from({ length: 20 }, () => keys.rotate(id, owner)));
    expect(answers.filter(({ fault }) => fault === null)).toHaveLength(1);
    expect(await working(userId)).toHaveLength(1);
  }
}, 60_000);
