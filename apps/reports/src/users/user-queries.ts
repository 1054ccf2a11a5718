import { canAccessUser } from '@seguridad-abc/contracts';
import type { RequestCaller } from '../access/caller-access.js';
import { assertEntityId } from '../access/filter-checks.js';
import { createEntityLoader, createKeyLoader, type EntityArrivals } from '../consistency/projection-waits.js';

/** Reads the users that the read model knows: those that have had a rule, a reading, a device, a calendar or an exception. */
export interface KnownUserRepository {
  /** @returns the known ids among `ids` */
  findKnownIds(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** A user as resolvers see it; its fields are resolved by id. */
export interface UserReference {
  readonly id: string;
}

/** User queries of one request. To the caller, users that it may not access do not exist. */
export interface UserQueries {
  getViewer(): UserReference;
  /** @returns null if the user is not known */
  findById(id: string): Promise<UserReference | null>;
  /**
   * Resolves a reference from another subgraph. Waits for a user that is not projected yet, then returns the user even
   * if it is still unknown here: it exists for the other subgraph and has empty lists.
   */
  findEntity(id: string): Promise<UserReference | null>;
}

/** Creates the user queries of one request. */
export function createUserQueries(
  repository: KnownUserRepository,
  arrivals: EntityArrivals,
  { caller, waitMs, budget }: RequestCaller,
): UserQueries {
  const findByIds = async (ids: readonly string[]) => {
    const known = await repository.findKnownIds(ids.filter((id) => canAccessUser(caller, id)));
    return new Map(Array.from(known, (id): [string, UserReference] => [id, { id }]));
  };
  const users = createKeyLoader(findByIds, budget);
  const entities = createEntityLoader(findByIds, arrivals, { waitMs, budget });

  return {
    getViewer: () => ({ id: caller.id }),
    findById: async (id) => users.load(assertEntityId('id', id)),
    async findEntity(id) {
      await entities.load(id);
      return canAccessUser(caller, id) ? { id } : null;
    },
  };
}
