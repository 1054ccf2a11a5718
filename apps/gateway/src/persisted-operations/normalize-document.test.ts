import { expect, test } from 'vitest';
import { normalizeDocument } from './normalize-document.js';

const normalize = (document: string) => normalizeDocument(document, 100)?.text;
const DOCUMENT = 'query A($n: [Int!] = [1, 2]) { a(b: "x\\ny", n: $n) { ...F } } fragment F on T { c }';

test.each([
  [
    'whitespace, commas and comments',
    'query A( $n:[Int!]=[1 2] ){a(b:"x\\ny" n:$n){...F}} #c\nfragment F on T{c}',
  ],
  [
    'the order of definitions',
    'fragment F on T { c } query A($n: [Int!] = [1, 2]) { a(b: "x\\ny", n: $n) { ...F } }',
  ],
  [
    'the notation of strings',
    'query A($n: [Int!] = [1, 2]) { a(b: """\n  x\n  y\n""", n: $n) { ...F } } fragment F on T { c }',
  ],
])('%s make no difference', (_, other) => {
  expect(normalize(other)).toBe(normalize(DOCUMENT));
});

test.each([
  ['a field', DOCUMENT.replace('c }', 'd }')],
  ['an alias', DOCUMENT.replace('c }', 'd: c }')],
  ['the order of fields', DOCUMENT.replace('c }', 'd c }')],
  ['a string', DOCUMENT.replace('x\\ny', 'x\\n y')],
  ['a number', DOCUMENT.replace('[1, 2]', '[12]')],
  ['the name', DOCUMENT.replace('query A', 'query B')],
])('%s makes a difference', (_, other) => {
  expect(normalize(other)).not.toBe(normalize(DOCUMENT));
});

test.each(['{ a(b: "x) }', '{ \u0000 }', `{ ${'a '.repeat(100)} }`])('gives up %j', (document) => {
  expect(normalize(document)).toBeUndefined();
});
