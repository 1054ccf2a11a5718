import type { AlarmChangesPage } from '@seguridad-abc/contracts';

/** Which alarms have changed since a position, for who has missed it. */
export interface AlarmChangesReader {
  /**
   * The last change of each alarm that lies after a position, at most `limit`, in their order.
   * @param userId null: of all users
   */
  findChangesSince(after: number, userId: string | null, limit: number): Promise<AlarmChangesPage>;
}
