// A preload for Node processes (NODE_OPTIONS=--import): sets their clock ahead by CLOCK_SHIFT_MS.
import { shiftDate } from './shifted-date.mjs';

const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
shiftDate(() => shiftMs);
