import { parse, print, stripIgnoredCharacters } from 'graphql';
import { describe, expect, test } from 'vitest';
import { getOperation } from '../shared/graphql-ast.js';
import { evaluateDeferConditions, listDeferConditions } from './defer-conditions.js';
import { evaluateSkipInclude } from './evaluate-skip-include.js';
import { addTypenamesBesideDeferred, labelDeferredFragments } from './label-deferred-fragments.js';

/** Labels the fragments that are active for variables. */
function label(query: string, variables: Record<string, unknown> = {}, maxDeferredFragments = 10) {
  const document = parse(query);
  const conditions = listDeferConditions(document, getOperation(document, undefined));
  const active = evaluateSkipInclude(document, evaluateDeferConditions(conditions, variables));
  const labelled = labelDeferredFragments(active, getOperation(active, undefined), maxDeferredFragments);
  const toText = (each: typeof document) => stripIgnoredCharacters(print(each));
  return {
    text: toText(labelled.document),
    withTypenames: toText(addTypenamesBesideDeferred(labelled.document)),
    fragments: labelled.deferredFragments,
  };
}

describe('deferred fragments', () => {
  test('have different labels, also those of one named fragment', () => {
    const query =
      '{ a { ...F } b { ...F @defer(label: "outer") } } fragment F on T { c ... @defer(label: "x") { d } }';
    const { text, fragments } = label(query);
    expect(text).toBe(
      '{a{...on T{c ...@defer(label:"fragment0"){d}}}' +
        'b{...on T@defer(label:"fragment1"){c ...@defer(label:"fragment2"){d}}}}',
    );
    expect(fragments).toStrictEqual([
      { label: 'x', parent: undefined },
      { label: 'outer', parent: undefined },
      { label: 'x', parent: 1 },
    ]);
  });

  test.each([
    ['whose condition is false', 'query ($v: Boolean) { a { ... @defer(if: $v) { b } } }', { v: false }],
    ['at the root of a mutation', 'mutation { ... @defer { a } }', {}],
    ['of the introspection system', '{ __schema { types { ... @defer { name } } } }', {}],
    ['of a subscription', 'subscription { a { ... @defer { b } } }', {}],
  ])('%s are not deferred', (_, query, variables) => {
    const { text, fragments } = label(query, variables);
    expect(fragments).toEqual([]);
    expect(text).not.toContain('@defer');
  });

  test('are not deferred if there are more than the maximum', () => {
    const query = '{ a { ... @defer { b } ... @defer { c } } }';
    expect(label(query, {}, 2).fragments).toHaveLength(2);
    expect(label(query, {}, 1)).toMatchObject({ fragments: [], text: '{a{...{b}...{c}}}' });
  });

  test('have __typename beside them, except at the root', () => {
    const { withTypenames } = label('{ ... @defer { a { b ... on T { ... @defer { c } } } } }');
    expect(withTypenames).toBe(
      '{...@defer(label:"fragment0"){a{b ...on T{__typename ...@defer(label:"fragment1"){c}}}}}',
    );
  });
});

test('the conditions of @defer are whether the client accepts parts, and the variables of if', () => {
  const document = parse(
    'query ($v: Boolean) { a { ... @defer(if: $v) { b } ... @defer(if: false) { c } } }',
  );
  const conditions = listDeferConditions(document, getOperation(document, undefined));
  expect(conditions).toStrictEqual(['@defer', '@defer v']);
  expect(evaluateDeferConditions(conditions, {})).toStrictEqual({ '@defer': true, '@defer v': true });
  expect(evaluateDeferConditions(conditions, { v: false })).toMatchObject({ '@defer v': false });
});
