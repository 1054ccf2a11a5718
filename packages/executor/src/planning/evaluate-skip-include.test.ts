import { parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { conditionVariables, fillEmptySelections, settleConditions } from './evaluate-skip-include.js';

const settled = (query: string, variables = {}) =>
  settleConditions(parse(query, { noLocation: true }), variables);
const compact = (text: string) => text.replace(/\s+/g, ' ');

test('what is left out is taken out, and what stays has no condition', () => {
  const query = `query ($yes: Boolean!, $no: Boolean!) {
    a @include(if: $yes) b @include(if: $no) c @skip(if: $yes) d @skip(if: $no) @other
    e @skip(if: $no) @include(if: $no) f @include(if: true)
    ... @skip(if: true) { g } ... on T @include(if: $yes) { h } ...F @skip(if: $yes)
  }`;
  expect(compact(print(settled(query, { yes: true, no: false })))).toBe(
    'query ($yes: Boolean!, $no: Boolean!) { a d @other f ... on T { h } }',
  );
});

test('a selection of nothing is an empty one, and filled for the planner', () => {
  const document = settled('{ a { b @skip(if: true) } }');
  const [operation] = document.definitions;
  expect(operation).toMatchObject({ selectionSet: { selections: [{ selectionSet: { selections: [] } }] } });
  expect(compact(print(fillEmptySelections(document)))).toBe('{ a { __typename } }');
});

test('the variables that decide are named once, wherever they stand', () => {
  const query = `query ($a: Boolean!, $b: Boolean!, $c: Int) { x(c: $c) @skip(if: $a) { y @include(if: $a) } ...F }
    fragment F on Query { z @include(if: $b) @skip(if: false) }`;
  expect(conditionVariables(parse(query))).toEqual(['a', 'b']);
});
