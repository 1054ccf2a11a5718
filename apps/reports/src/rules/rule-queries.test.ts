import fc from 'fast-check';
import { describeCursorCodec } from '../testing/cursor-codec-suite.js';
import { RULE_CURSOR_CODEC } from './rule-queries.js';
import type { RuleSortKey } from './rule-repository.js';

describeCursorCodec<RuleSortKey>(
  'rules',
  RULE_CURSOR_CODEC,
  fc.tuple(fc.integer({ min: 0, max: 999_999_999_999_999 })),
  ['rule:', 'rule:-1', 'rule:07', 'user:7', '7', 'alarm:2026-03-01T08:00:00.000Z:a'],
);
