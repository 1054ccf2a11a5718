import { findDatabaseDamageInThread, isSmallDatabaseFile, watchSqliteFile } from '@seguridad-abc/platform';

export interface DamageDetectionOptions {
  /** The path of the database. */
  readonly file: string;
  readonly timing: DamageDetectionTiming;
  /** Called with what is wrong, as a clause with the read model as its subject. */
  readonly onDamage: (reason: string) => void;
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
export function startDamageDetection({ file, timing, onDamage }: DamageDetectionOptions): DamageDetection {
  const abort = new AbortController();
  let isChecking = false;
  const checkContent = async () => {
    if (isChecking) return;
    isChecking = true;
    const damage = await findDatabaseDamageInThread(file, abort.signal);
    isChecking = false;
    if (damage !== undefined && !abort.signal.aborted) onDamage(`it is damaged: ${damage}`);
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
    restart: () => watch.restart(),
    stop() {
      abort.abort();
      clearInterval(timer);
      watch.stop();
    },
  };
}
