import { errorMessage, type Logger } from '@seguridad-abc/platform';
import type { Memory } from '../domain/memory.js';
import type { Transition } from '../domain/transition.js';
import type { HistoryStore } from './history-store.js';

/** So many transitions wait for a disk that fails; the oldest go first. */
const MAX_PENDING = 10_000;

export interface Recorder {
  /** Keeps what has changed, and that the monitor watches. Never throws: what cannot be written now is tried again. */
  record(transitions: readonly Transition[], memory: Memory): void;
  /** What is wrong, in a clause, while the last attempt to write has failed. */
  readonly fault: string | undefined;
  /** Resolves when what was recorded is written, or cannot be. */
  settled(): Promise<void>;
}

/** Writes the history, one transaction after the other; what comes while one is under way goes together into the next. */
export function createRecorder(store: Pick<HistoryStore, 'save'>, logger: Logger): Recorder {
  let pending: readonly Transition[] = [];
  let latest: Memory | undefined;
  let fault: string | undefined;
  let writing: Promise<void> | undefined;

  const writeOnce = async (memory: Memory) => {
    const transitions = pending;
    pending = [];
    try {
      await store.save(transitions, memory);
      if (fault !== undefined) logger.info('the history of health is written again');
      fault = undefined;
    } catch (error) {
      pending = [...transitions, ...pending].slice(-MAX_PENDING);
      if (fault === undefined) logger.error({ err: error }, 'the history of health cannot be written');
      fault = `the history of health cannot be written: ${errorMessage(error)}`;
    }
  };
  const write = async () => {
    while (latest) {
      const memory = latest;
      latest = undefined;
      await writeOnce(memory);
    }
    writing = undefined;
  };

  return {
    record(transitions, memory) {
      pending = [...pending, ...transitions].slice(-MAX_PENDING);
      latest = memory;
      writing ??= write();
    },
    get fault() {
      return fault;
    },
    settled: async () => writing,
  };
}
