import type { Logger } from '@seguridad-abc/platform';
import type { Agenda } from './agenda.js';

/** The wall clock may be set meanwhile, which no timer of Node's notices. */
const RECHECK_MS = 1_000;
/** After an error. */
const RETRY_MS = 1_000;

export interface TimekeeperOptions {
  readonly agenda: Agenda;
  readonly now: () => string;
  readonly logger: Logger;
}

/** Works the agenda when something on it is due: one timer for all, and none while there is nothing to wait for. */
export interface Timekeeper {
  /** Begins with what fell due while nobody worked. */
  start(): void;
  /** Something is due at an instant, in milliseconds since 1970; it may not be saved yet. */
  notice(at: number): void;
  /** Resolves when nothing is being worked any more. */
  stop(): Promise<void>;
}

export function createTimekeeper({ agenda, now, logger }: TimekeeperOptions): Timekeeper {
  let next: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let stopped = true;

  const clock = () => Date.parse(now());

  const arm = () => {
    clearTimeout(timer);
    if (stopped || working || next === undefined) return;
    timer = setTimeout(check, Math.min(Math.max(next - clock(), 0), RECHECK_MS));
  };

  const check = () => {
    if (next !== undefined && clock() >= next) working = work();
    else arm();
  };

  const work = async () => {
    try {
      while (!stopped && (await agenda.work()));
      next = agenda.next();
    } catch (error) {
      logger.error({ err: error }, 'what is due could not be worked; trying again');
      next = clock() + RETRY_MS;
    }
    working = undefined;
    arm();
  };

  return {
    start() {
      stopped = false;
      next = agenda.next();
      arm();
    },
    notice(at) {
      if (next !== undefined && next <= at) return;
      next = at;
      arm();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await working;
    },
  };
}
