import { In } from 'typeorm';
import type { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import { isUuid } from '../ids/is-uuid.js';
import type { BatchLoad } from './loaders.js';

/** Entities by id in one statement, null where there is none. Text that is no UUID is the id of nothing. */
export function loadById<Entity extends ObjectLiteral & { readonly id: string }>(
  manager: EntityManager,
  entity: EntityTarget<Entity>,
): BatchLoad<string, Entity | null> {
  return async (ids) => {
    const where = { id: In(ids.filter(isUuid)) } as unknown as FindOptionsWhere<Entity>;
    const found = await manager.findBy(entity, where);
    const byId = new Map(found.map((one) => [one.id, one]));
    return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
  };
}
