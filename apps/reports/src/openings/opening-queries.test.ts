import { MAX_OPENING_NAME_LENGTH } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { describeCursorFormat } from '../testing/cursor-codec-suite.js';
import { OPENING_CURSOR_FORMAT } from './opening-queries.js';

const names = fc.string({ unit: 'binary', minLength: 1, maxLength: MAX_OPENING_NAME_LENGTH });

describeCursorFormat(OPENING_CURSOR_FORMAT, fc.tuple(names), []);
