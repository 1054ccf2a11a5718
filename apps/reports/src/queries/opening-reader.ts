import type { IntervalRecord } from '@seguridad-abc/contracts';
import type { ProjectedOpening } from '../domain/things.js';

/** What queries ask of openings and their users. Each call is one statement. */
export interface OpeningReader {
  /** Those of the ids that have had a rule or a reading, each by itself. */
  knownUsers(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The openings of each user, by name. */
  ofUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, ProjectedOpening[]>>;
  /** When an opening was open within `[from, to)`, in order. Instants. */
  intervals(userId: string, opening: string, from: string, to: string): Promise<readonly IntervalRecord[]>;
}
