import { describe, expect, test } from 'vitest';
import { judge } from './judge.mjs';

const INPUT = { name: 'Probe 1' };
const RULE = { id: 'r', name: 'Probe 1', version: 1 };
/** @param {import('./kinds.mjs').Expected} expected @param {unknown} answer */
const verdict = (expected, answer, status = 200) =>
  judge(expected, { status, text: typeof answer === 'string' ? answer : JSON.stringify(answer) }, INPUT);

describe('a rule is due', () => {
  const due = { status: 200 };
  test.each([
    [{ data: { createRule: { rule: RULE } } }, undefined],
    [{ data: { createRule: { rule: { ...RULE, name: 'X' } } } }, 'name X instead of Probe 1'],
    [{ data: { createRule: { rule: { ...RULE, version: 2 } } } }, 'version 2 instead of 1'],
    [{ data: { createRule: { rule: { ...RULE, id: '' } } } }, 'a rule without id'],
    [{ data: null, errors: [{ message: '', extensions: { code: 'CONFLICT' } }] }, 'no rule (CONFLICT)'],
    [{ data: { createRule: { rule: RULE } }, errors: [{ message: '' }] }, 'errors beside the rule (no code)'],
    ['<html>', 'status 200 and no GraphQL'],
  ])('%j', (answer, wrong) => {
    expect(verdict(due, answer).wrong).toBe(wrong);
  });
});

describe('a refusal is due', () => {
  const due = { status: 200, code: 'NOT_FOUND', path: ['deleteRule'] };
  const error = { message: '', path: ['deleteRule'], extensions: { code: 'NOT_FOUND' } };
  test.each([
    [{ data: null, errors: [error] }, 200, undefined],
    [{ errors: [error] }, 500, 'status 500 instead of 200'],
    [{ errors: [error, error] }, 200, 'errors 2 instead of 1'],
    [{ errors: [{ ...error, extensions: { code: 'X' } }] }, 200, 'code X instead of NOT_FOUND'],
    [{ errors: [{ ...error, path: ['x'] }] }, 200, 'path x instead of deleteRule'],
    [{ errors: [{ ...error, path: undefined }] }, 200, 'path undefined instead of deleteRule'],
  ])('%j, status %d', (answer, status, wrong) => {
    expect(verdict(due, answer, status).wrong).toBe(wrong);
  });

  test('a rule that is created all the same is wrong, and known, to be deleted', () => {
    const { rule, wrong } = verdict(due, { data: { createRule: { rule: RULE } } });
    expect(rule).toEqual(RULE);
    expect(wrong).toMatch(/^a rule was created/);
  });
});
