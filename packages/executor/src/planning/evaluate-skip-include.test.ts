import { parse, print } from 'graphql';
import { expect, test } from 'vitest';
import {
  evaluateSkipInclude,
  fillEmptySelectionSets,
  listConditionVariables,
} from './evaluate-skip-include.js';

const evaluate = (query: string, variables = {}) =>
  evaluateSkipInclude(parse(query, { noLocation: true }), variables);
const compact = (text: string) => text.replace(/\s+/g, ' ');

test('evaluateSkipInclude removes excluded selections and the directives of the others', () => {
  const query = `query ($yes: Boolean!, $no: Boolean!) {
    a @include(if: $yes) b @include(if: $no) c @skip(if: $yes) d @skip(if: $no) @other
    e @skip(if: $no) @include(if: $no) f @include(if: true)
    ... @skip(if: true) { g } ... on T @include(if: $yes) { h } ...F @skip(if: $yes)
  }`;
  expect(compact(print(evaluate(query, { yes: true, no: false })))).toBe(
    'query ($yes: Boolean!, $no: Boolean!) { a d @other f ... on T { h } }',
  );
});

test('evaluateSkipInclude removes @defer and keeps what it defers', () => {
  const query = `query ($late: Boolean!) {
    ... @defer { a } ... on T @defer(if: $late, label: "b") @other { b } ...F @defer @include(if: $late)
  }`;
  expect(compact(print(evaluate(query, { late: true })))).toBe(
    'query ($late: Boolean!) { ... { a } ... on T @other { b } ...F }',
  );
});

test('fillEmptySelectionSets adds __typename to the selection sets that became empty', () => {
  const document = evaluate('{ a { b @skip(if: true) } }');
  const [operation] = document.definitions;
  expect(operation).toMatchObject({ selectionSet: { selections: [{ selectionSet: { selections: [] } }] } });
  expect(compact(print(fillEmptySelectionSets(document)))).toBe('{ a { __typename } }');
});

test('listConditionVariables lists each variable of @skip and @include once', () => {
  const query = `query ($a: Boolean!, $b: Boolean!, $c: Int) { x(c: $c) @skip(if: $a) { y @include(if: $a) } ...F }
    fragment F on Query { z @include(if: $b) @skip(if: false) }`;
  expect(listConditionVariables(parse(query))).toEqual(['a', 'b']);
});
