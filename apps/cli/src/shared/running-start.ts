import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** File in the data folder with the record of the start that uses it. */
const RECORD_FILE = 'start.json';

const recordSchema = z.object({
  pid: z.int(),
  /** URL of the gateway. */
  url: z.string(),
  /** HOST, REDIS_URL (empty: the start runs a Redis), the other settings of Redis that are set, and the ports. */
  addresses: z.record(z.string(), z.string()),
  /** Where commands control the start. Absent until the services are ready. */
  control: z.object({ port: z.int(), key: z.string() }).optional(),
});

/** A process of `npm start` or `npm run dev`, as it describes itself to the commands that use the same data folder. */
export type RunningStart = Readonly<z.infer<typeof recordSchema>>;

/**
 * Records this process as the start that uses a data folder. A second call replaces the record.
 * @returns a function that removes the record
 */
export function recordStart(dataDir: string, start: Omit<RunningStart, 'pid'>): () => void {
  const file = join(dataDir, RECORD_FILE);
  // Commands never read a part of the record. A mode only applies to a new file: REDIS_URL may have a password.
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, JSON.stringify({ pid: process.pid, ...start }), { mode: 0o600 });
  renameSync(draft, file);
  return () => rmSync(file, { force: true });
}

/** Finds the start that uses a data folder; undefined if its process has ended. */
export function findRunningStart(dataDir: string): RunningStart | undefined {
  try {
    const start = recordSchema.parse(JSON.parse(readFileSync(join(dataDir, RECORD_FILE), 'utf8')));
    process.kill(start.pid, 0);
    return start;
  } catch {
    return undefined;
  }
}
