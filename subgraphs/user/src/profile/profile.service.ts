import { userCreated } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import type { BatchLoad, Loaders } from '@orion/platform/loading';
import { In, IsNull } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { RoleGrantService } from '../role/role-grant.service.js';
import { foldText, searchWords } from './search-words.js';
import { User } from './user.entity.js';

/** Display name until the event of the registration arrives. */
export const PLACEHOLDER_NAME = 'New user';

/** A registration, as auth announced it. */
export interface Registration {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
  readonly locale: string;
  readonly registeredAt: Date;
}

/** Makes and reads profiles. */
export class ProfileService {
  constructor(
    private readonly database: DataSource,
    private readonly grants: RoleGrantService,
  ) {}

  /** Profiles by id in one statement, null where there is none or it was deleted. */
  readonly byId: BatchLoad<string, User | null> = async (ids) => {
    const found = await this.database.manager.findBy(User, { id: In(ids.filter(isUuid)), deletedAt: IsNull() });
    const byId = new Map(found.map((user) => [user.id, user]));
    return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
  };

  /** Profiles of people who are signed in and whose registration has not been heard of yet. */
  readonly welcomeAll: BatchLoad<string, User | null> = async (ids) => {
    await this.database.transaction(async (manager) => {
      for (const id of ids) await this.createProvisional(manager, id);
    });
    return this.byId(ids);
  };

  /**
   * A profile by id. The viewer's own is made when it is missing: somebody who has signed in has an account, so its
   * event is on the way, and nobody is told that they do not exist.
   */
  async find(
    id: string,
    { loaders, viewerId }: { readonly loaders: Loaders; readonly viewerId: string | null },
  ): Promise<User | null> {
    const user = await loaders.load(this.byId, id);
    return user === null && id === viewerId ? loaders.load(this.welcomeAll, id) : user;
  }

  /** Makes the profile of a registration, or completes the one that a query made before. Once, however often called. */
  async register(
    manager: EntityManager,
    { userId, email, displayName, locale, registeredAt }: Registration,
  ): Promise<void> {
    const created = await insertProfile(manager, {
      id: userId,
      displayName,
      email,
      locale,
      provisional: false,
      createdAt: registeredAt,
    });
    if (created) await this.grants.grantMember(manager, userId);
    else if (!(await completeProfile(manager, { userId, email, displayName, locale, registeredAt }))) return;
    await publish(manager, [userCreated.of({ userId, displayName, email, locale })]);
  }

  /** Profiles by user name, whatever its case, in one statement. */
  readonly byUsername: BatchLoad<string, User | null> = async (usernames) => {
    const found = await this.database.manager
      .createQueryBuilder(User, 'person')
      .where('lower(person.username) IN (:...names)', { names: usernames.map((name) => name.toLowerCase()) })
      .andWhere('person.deletedAt IS NULL')
      .getMany();
    const byName = new Map(found.map((user) => [user.username?.toLowerCase(), user]));
    return usernames.map((name) => byName.get(name.toLowerCase()) ?? null);
  };

  /** Makes a minimal profile when there is none, in the caller's transaction. */
  async createProvisional(manager: EntityManager, userId: string): Promise<void> {
    const created = await insertProfile(manager, {
      id: userId,
      displayName: PLACEHOLDER_NAME,
      email: null,
      locale: null,
      provisional: true,
      createdAt: new Date(),
    });
    if (created) await this.grants.grantMember(manager, userId);
  }
}

type NewProfile = Pick<User, 'id' | 'displayName' | 'email' | 'locale' | 'provisional' | 'createdAt'>;

/** False when there is one already, a deleted one included. */
async function insertProfile(manager: EntityManager, profile: NewProfile): Promise<boolean> {
  const { raw } = await manager
    .createQueryBuilder()
    .insert()
    .into(User)
    .values({ ...profile, sortName: foldText(profile.displayName), searchWords: searchWords(profile.displayName) })
    .orIgnore()
    .returning('id')
    .execute();
  return (raw as unknown[]).length === 1;
}

/** Fills a provisional profile in; what its owner has set meanwhile stays. False when it was complete. */
async function completeProfile(
  manager: EntityManager,
  { userId, email, displayName, locale, registeredAt }: Registration,
): Promise<boolean> {
  const user = await manager.findOne(User, {
    where: { id: userId, provisional: true },
    lock: { mode: 'pessimistic_write' },
  });
  if (user === null) return false;
  const name = user.displayName === PLACEHOLDER_NAME ? displayName : user.displayName;
  await manager.update(User, userId, {
    email,
    displayName: name,
    sortName: foldText(name),
    searchWords: searchWords(name, user.username),
    locale: user.locale ?? locale,
    provisional: false,
    profileVersion: user.profileVersion + 1,
    createdAt: registeredAt,
    updatedAt: new Date(),
  });
  return true;
}
