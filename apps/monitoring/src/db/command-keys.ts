import type { AlarmState, RuleState } from '@seguridad-abc/contracts';
import { and, eq, inArray, lt, sql } from 'drizzle-orm';
import type { CommandKey } from '../commands/idempotency.js';
import { KeyReusedError, type Repeated } from '../commands/state-store.js';
import type { Db } from './open.js';
import { commandKeys } from './schema.js';

/** So many keys are forgotten in one go: it takes some milliseconds, for which commands wait. */
const GO = 1_000;

/** Idempotency keys; to be used inside the transaction of the command. */
export interface CommandKeys {
  /**
   * What the command of this key was first answered. The key is of one command, so the answer is of that one's kind.
   * @throws KeyReusedError where the key was another command's
   */
  repeated<State>(key: CommandKey): Repeated<State> | undefined;
  keep(key: CommandKey, answer: object): void;
  /** Forgets some of those from before an instant. @returns whether there may be more */
  forgetSome(before: string): boolean;
}

export function createKeys(db: Db, now: () => string): CommandKeys {
  const find = db
    .select()
    .from(commandKeys)
    .where(
      and(eq(commandKeys.caller, sql.placeholder('caller')), eq(commandKeys.key, sql.placeholder('key'))),
    )
    .prepare();

  return {
    repeated<State>({ caller, key, fingerprint }: CommandKey): Repeated<State> | undefined {
      const kept = find.get({ caller, key });
      if (!kept) return undefined;
      if (kept.fingerprint !== fingerprint) throw new KeyReusedError();
      return { kind: 'repeated', state: kept.answer as State };
    },
    keep(key, answer) {
      db.insert(commandKeys)
        .values({ ...key, answer: answer as RuleState | AlarmState, at: now() })
        .run();
    },
    forgetSome(before) {
      const some = db
        .select({ rowid: sql`rowid` })
        .from(commandKeys)
        .where(lt(commandKeys.at, before))
        .limit(GO);
      return (
        db
          .delete(commandKeys)
          .where(inArray(sql`rowid`, some))
          .run().changes === GO
      );
    },
  };
}
