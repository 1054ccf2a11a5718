import { findDatabaseDamageInThread, isSmallDatabaseFile, watchSqliteFile } from '@seguridad-abc/platform';

export interface DamageDetectionOptions {
  /** The path of the database. */
  readonly file: string;
  readonly timing: DamageDetectionTiming;
  /** Called with what is wrong, as a clause with the read model as its subject. */
  readonly onDamage: (reason: string) => void;
  /** Reads the whole file. @default a thread does it */
  readonly findDamage?: typeof findDatabaseDamageInThread;
}

/** The intervals of the detection, in ms. */
export interface DamageDetectionTiming {
  /** How often the file is looked at: was it deleted, replaced or cut? */
  readonly fileCheckMs: number;
  /** How often its whole content is read. */
  readonly contentCheckMs: number;
}

export const DAMAGE_DETECTION_TIMING: DamageDetectionTiming = {
  fileCheckMs: 2_000,
  contentCheckMs: 3_600_000, // 1 hour
};

/** Looks for damage that no query has met. A small file was checked when it was opened; a large one is checked now. */
export interface DamageDetection {
  /** The file at the path is a new one. */
  restart(): void;
  stop(): void;
}

/** Starts the detection. Queries do not wait for it: a thread reads the file. */
export function startDamageDetection(options: DamageDetectionOptions): DamageDetection {
  const { file, timing, onDamage, findDamage = findDatabaseDamageInThread } = options;
  const abort = new AbortController();
  let isChecking = false;
  /** Increases when the file is replaced. */
  let fileNumber = 0;
  const checkContent = async () => {
    if (isChecking) return;
    isChecking = true;
    const checkedFile = fileNumber;
    const damage = await findDamage(file, abort.signal);
    isChecking = false;
    // What is wrong with a file that was replaced meanwhile would cause another rebuild.
    const isCurrent = checkedFile === fileNumber && !abort.signal.aborted;
    if (damage !== undefined && isCurrent) onDamage(`it is damaged: ${damage}`);
  };
  const watch = watchSqliteFile({
    file,
    intervalMs: timing.fileCheckMs,
    onFault: (fault) => onDamage(`it is damaged: ${fault}`),
    onSuspicion: () => void checkContent(),
  });
  const timer = setInterval(() => void checkContent(), timing.contentCheckMs);
  timer.unref();
  if (!isSmallDatabaseFile(file)) void checkContent();
  return {
    restart() {
      fileNumber += 1;
      watch.restart();
    },
    stop() {
      abort.abort();
      clearInterval(timer);
      watch.stop();
    },
  };
}
