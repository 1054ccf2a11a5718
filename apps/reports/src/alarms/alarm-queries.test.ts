import fc from 'fast-check';
import { describeCursorCodec } from '../testing/cursor-codec-suite.js';
import { ALARM_CURSOR_CODEC } from './alarm-queries.js';
import type { AlarmSortKey } from './alarm-repository.js';

const AT = '2026-03-01T08:00:00.000Z';
const instants = fc
  .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

describeCursorCodec<AlarmSortKey>(
  'alarms',
  ALARM_CURSOR_CODEC,
  fc.tuple(instants, fc.string({ minLength: 1, unit: 'binary' })),
  ['alarm:', `alarm:${AT}`, `alarm:${AT}:`, 'alarm:2026:a', 'rule:7'],
);
