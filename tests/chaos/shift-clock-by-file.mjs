// A preload for the services of a chaos run (NODE_OPTIONS=--import): sets the clock of a service ahead by the milliseconds in
// the file CLOCK_SHIFT_FOLDER/<service>, as long as it exists.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shiftDate } from '../harness/shifted-date.mjs';

const [, service] = /apps[/](\w+)[/]dist[/]main\.js$/.exec(process.argv[1] ?? '') ?? [];
const folder = process.env['CLOCK_SHIFT_FOLDER'];
const POLL_INTERVAL_MS = 250;

if (service !== undefined && folder !== undefined) {
  const file = join(folder, service);
  let shiftMs = 0;
  const readShift = () => {
    try {
      shiftMs = Number(readFileSync(file, 'utf8'));
    } catch {
      shiftMs = 0;
    }
  };
  readShift();
  setInterval(readShift, POLL_INTERVAL_MS).unref();
  shiftDate(() => shiftMs);
}
