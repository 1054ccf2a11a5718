import { differencesOf } from './differences.mjs';
import { findExisting } from './existing.mjs';
import { faultsOfErrors } from './refusal.mjs';
import { sendPatiently } from '../client/send-patiently.mjs';

/**
 * @typedef {import('./columns.mjs').RowFault} RowFault
 *
 * @typedef {{ kind: 'created', id: string } | { kind: 'already there', id: string }
 *   | { kind: 'refused', faults: readonly RowFault[] }} Outcome
 */

const CREATE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';

/** Refused for certain, so that nothing is created and the server tells what else is wrong. */
const REFUSED_DAYS = ['MONDAY', 'MONDAY'];

/**
 * Creates the rule of a row, or finds out why not.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {import('./row.mjs').Row} row
 * @param {{ key: string, signal: AbortSignal }} options `key` is the row's idempotency key
 * @returns {Promise<Outcome>}
 */
export async function importRow(client, { input, faults }, { key, signal }) {
  const isFaulty = faults.length > 0;
  if (faults.some(({ column }) => column === null)) return { kind: 'refused', faults };
  const sent = isFaulty ? { ...input, days: REFUSED_DAYS } : { ...input, clientMutationId: key };
  /** @type {import('../client/http-client.mjs').Answer<{ createRule: { rule: { id: string } } }>} */
  const { data, errors = [] } = await sendPatiently(() => client.ask(CREATE, { input: sent }), signal);
  if (data) return { kind: 'created', id: data.createRule.rule.id };
  if (isFaulty) return { kind: 'refused', faults: together(faults, faultsOfErrors(errors)) };
  if (errors[0]?.extensions?.code === 'CONFLICT') return compare(client, input, faultsOfErrors(errors));
  return { kind: 'refused', faults: faultsOfErrors(errors) };
}

/**
 * What the server says of a column that was not sent as it is counts for nothing.
 *
 * @param {readonly RowFault[]} ours
 * @param {readonly RowFault[]} theirs
 */
function together(ours, theirs) {
  const columns = new Set(['days', ...ours.map(({ column }) => column)]);
  /** @param {RowFault} fault */
  const counts = ({ column, code }) =>
    !columns.has(column) && !(code === 'NO_HOURS_NO_TIMER' && columns.has('maxOpenSeconds'));
  return [...ours, ...theirs.filter(counts)];
}

/**
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {import('./row.mjs').Row['input']} input
 * @param {readonly RowFault[]} conflict what the server says
 * @returns {Promise<Outcome>}
 */
async function compare(client, input, conflict) {
  const { userId, opening, name } = /** @type {{ userId: string, opening: string, name: string }} */ (input);
  const rule = await findExisting(client, { userId, opening, name });
  if (!rule) return { kind: 'refused', faults: conflict };
  const differences = differencesOf(input, rule);
  if (differences.length === 0) return { kind: 'already there', id: rule.id };
  return {
    kind: 'refused',
    faults: differences.map(({ column, there, here }) => ({
      column,
      code: 'CONFLICT',
      message: `The rule is there already, and differs: ${there} there, ${here} here.`,
    })),
  };
}
