import { parseAnswer } from '../client/http-client.mjs';

/** @typedef {{ id: string, name: string, version: number }} Rule */
/** @typedef {import('../client/http-client.mjs').Answer<{ createRule?: { rule?: Rule } | null }>} Answer */
/** @typedef {{ rule: Rule | undefined, wrong: string | undefined }} Verdict `wrong`: a clause for a person */

/**
 * @param {import('./kinds.mjs').Expected} expected
 * @param {import('../client/http-client.mjs').Response} response
 * @param {import('./kinds.mjs').Input} input that was sent
 * @returns {Verdict} with the rule, where one was created, rightly or not
 */
export function judge(expected, response, input) {
  /** @type {Answer | undefined} */
  const answer = parseAnswer(response.text);
  if (!answer) return { rule: undefined, wrong: `status ${response.status} and no GraphQL` };
  const rule = answer.data?.createRule?.rule;
  const faults = [
    ...different('status', response.status, expected.status),
    ...(expected.code === undefined
      ? faultsOfRule(answer, rule, input)
      : faultsOfRefusal(answer, rule, expected)),
  ];
  return { rule, wrong: faults.length > 0 ? faults.join(', ') : undefined };
}

/** @param {Answer} answer @param {Rule | undefined} rule @param {import('./kinds.mjs').Input} input */
function faultsOfRule({ errors = [] }, rule, input) {
  if (!rule) return [`no rule${codesOf(errors)}`];
  return [
    ...(errors.length > 0 ? [`errors beside the rule${codesOf(errors)}`] : []),
    ...(rule.id ? [] : ['a rule without id']),
    ...different('name', rule.name, input['name']),
    ...different('version', rule.version, 1),
  ];
}

/** @param {Answer} answer @param {Rule | undefined} rule @param {import('./kinds.mjs').Expected} expected */
function faultsOfRefusal({ errors = [] }, rule, { code, path }) {
  return [
    ...(rule ? ['a rule was created'] : []),
    ...different('errors', errors.length, 1),
    ...different('code', errors[0]?.extensions?.code, code),
    ...different('path', errors[0]?.path?.join('.'), path?.join('.')),
  ];
}

/** @param {string} what @param {unknown} is @param {unknown} due */
const different = (what, is, due) => (is === due ? [] : [`${what} ${String(is)} instead of ${String(due)}`]);

/** @param {readonly import('../client/http-client.mjs').GraphQLFault[]} errors */
const codesOf = (errors) =>
  errors.length > 0 ? ` (${errors.map(({ extensions }) => extensions?.code ?? 'no code').join(', ')})` : '';
