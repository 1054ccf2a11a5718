import fc from 'fast-check';
import { describeCursorFormat } from '../testing/cursor-codec-suite.js';
import { RULE_CURSOR_FORMAT } from './rule-queries.js';

describeCursorFormat(RULE_CURSOR_FORMAT, fc.tuple(fc.integer({ min: 0, max: 999_999_999_999_999 })), [
  '',
  '-1',
  '1e3',
  '2026-03-01T08:00:00.000Z:a',
]);
