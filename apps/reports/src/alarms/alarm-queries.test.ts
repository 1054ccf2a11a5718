import fc from 'fast-check';
import { describeCursorFormat } from '../testing/cursor-codec-suite.js';
import { ALARM_CURSOR_FORMAT } from './alarm-queries.js';

const AT = '2026-03-01T08:00:00.000Z';
const instants = fc
  .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

describeCursorFormat(ALARM_CURSOR_FORMAT, fc.tuple(instants, fc.uuid()), ['', AT, `${AT}:`, '2026:a', '7']);
