import type { Data } from './data.js';
import { Overlay } from './overlay.js';
import { createPlaces, objectsAt } from './places.js';

/** Counts how often data is looked at. */
class CountingOverlay extends Overlay {
  reads = 0;

  override read(data: Data, key: string): unknown {
    this.reads += 1;
    return super.read(data, key);
  }
}

const isObjectType = (): boolean => true;

test('an object is found at each of its places', () => {
  const shared = { id: '1' };
  const root = { users: [{ boss: shared }, { boss: { id: '2' } }, { boss: shared }] };
  const placesOf = createPlaces({ root, overlay: new Overlay(isObjectType) });
  expect(placesOf(shared, ['users', '@', 'boss'])).toEqual([
    ['users', 0, 'boss'],
    ['users', 2, 'boss'],
  ]);
  expect(placesOf({ id: '1' }, ['users', '@', 'boss'])).toEqual([]);
});

test('however many objects have an error, the data is walked once', () => {
  const users = Array.from({ length: 1_000 }, (_, id) => ({ id }));
  const overlay = new CountingOverlay(isObjectType);
  const placesOf = createPlaces({ root: { users }, overlay });
  const places = users.map((user) => placesOf(user, ['users', '@']));
  expect(places[999]).toEqual([['users', 999]]);
  expect(overlay.reads).toBe(1);
});

test('nulls and lists of lists on the way are no obstacle', () => {
  const root = { rows: [[{ id: 1 }, null], null, [{ id: 2 }]] };
  const scope = { overlay: new Overlay(isObjectType), areShared: false };
  expect(objectsAt(root, ['rows', '@', '@'], scope)).toEqual([{ id: 1 }, { id: 2 }]);
});
