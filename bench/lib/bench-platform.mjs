import { importBuilt } from './import-built.mjs';

const { ensureRedisProgram, startTemporaryPlatform } = /** @type {typeof import('@seguridad-abc/cli')} */ (
  await importBuilt('@seguridad-abc/cli')
);

/** @typedef {import('@seguridad-abc/cli').TemporaryPlatform} BenchPlatform */

/**
 * Starts built services with their own Redis, ports and temporary data folder.
 * @param {Partial<Omit<Parameters<typeof startTemporaryPlatform>[0], 'redisProgram'>>} [options]
 * @returns {Promise<BenchPlatform>}
 */
export async function startBenchPlatform({ signal = new AbortController().signal, ...options } = {}) {
  const redisProgram = await ensureRedisProgram({ log: console.log, signal });
  return startTemporaryPlatform({ ...options, redisProgram, signal });
}

/**
 * Sends one GraphQL operation to the gateway.
 * @template Data
 * @param {Pick<BenchPlatform, 'authorize'> & { url: URL | string }} endpoint
 * @param {string} query @param {Record<string, unknown>} variables
 * @returns {Promise<Data>}
 * @throws {Error} if the response has errors
 */
export async function sendOperation({ url, authorize }, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await authorize()) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = /** @type {{ data?: Data | null, errors?: unknown }} */ (await response.json());
  if (!data || errors) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
  return data;
}

export const CREATE_RULE =
  'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';
