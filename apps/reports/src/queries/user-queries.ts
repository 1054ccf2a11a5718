import { canAccessUser } from '@seguridad-abc/contracts';
import type { ProjectedOpening } from '../domain/things.js';
import type { Arrivals } from './arrivals.js';
import type { Asking } from './asking.js';
import { batched } from './batched.js';
import type { OpeningReader } from './opening-reader.js';
import { readOrWait } from './read-or-wait.js';

export interface User {
  readonly id: string;
}

export interface UserQueries {
  viewer(): User;
  /** Null for one that has never had a rule or a reading. */
  user(id: string): Promise<User | null>;
  /** A user that another subgraph speaks of. One that is not known here is waited for, and answered in any case where the caller may know him. */
  userEntity(id: string): Promise<User | null>;
  /** By name. */
  openingsOf(userId: string): Promise<ProjectedOpening[]>;
}

export function createUserQueries(
  reader: OpeningReader,
  arrivals: Arrivals,
  { caller, waitMs }: Asking,
): UserQueries {
  const read = (ids: readonly string[]) => reader.knownUsers(ids.filter((id) => canAccessUser(caller, id)));
  const users = batched(read);
  const entities = batched((ids) => readOrWait(ids, read, arrivals, waitMs));
  const openings = batched((userIds) => reader.ofUsers(userIds));

  return {
    viewer: () => ({ id: caller.id }),
    user: async (id) => ((await users.load(id)) === null ? null : { id }),
    async userEntity(id) {
      await entities.load(id);
      return canAccessUser(caller, id) ? { id } : null;
    },
    openingsOf: async (userId) => (await openings.load(userId)) ?? [],
  };
}
