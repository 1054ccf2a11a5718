import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The names of all commands, in the order of the help. */
export const COMMAND_NAMES = [
  'import',
  'replay',
  'export',
  'calendar',
  'exception',
  'probe',
  'load',
  'status',
  'token',
  'sign-in',
  'maintenance',
  'audit',
  'user-data',
  'dead-letters',
  'rebuild',
  'backup',
  'restore',
  'migrate-store',
  'compact',
  'verify',
  'plan',
  'demo',
  'dev',
  'restart',
  'ha',
  'start',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** `scripts/cli.mjs` reads the same file, before anything is built. */
const FILE = new URL('../../commands.json', import.meta.url);

const summariesSchema = z.record(z.enum(COMMAND_NAMES), z.object({ describe: z.string() }));

/** What each command does, in one line. */
export const readCommandSummaries = () => summariesSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')));
