/**
 * @typedef {object} Plan what to probe, and how
 * @property {import('../client/http-client.mjs').HttpClient} client
 * @property {number} count of probes in a round
 * @property {number} concurrency
 * @property {import('./random.mjs').Random} random
 * @property {string} userId whose rules are made
 * @property {AbortSignal} signal aborted by Ctrl-C
 */

export {};
