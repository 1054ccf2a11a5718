/**
 * @typedef {object} ServiceHealth as the gateway tells it
 * @property {string} name
 * @property {string} status
 * @property {string} reason
 * @property {string} since
 * @property {string | null} lastBeatAt
 * @property {readonly { id: string, status: string, version: string, startedAt: string, lastBeatAt: string }[]} instances
 *
 * @typedef {object} Process what one of our services says itself
 * @property {string} name
 * @property {string} address
 * @property {boolean} ready
 * @property {Readonly<Record<string, string | number | boolean>>} checks
 * @property {string} [fault] why it says nothing, in a clause
 *
 * @typedef {object} State of an installation
 * @property {string} at
 * @property {string} gateway the URL of its GraphQL endpoint
 * @property {readonly ServiceHealth[] | null} services null where the gateway or heartbeat does not tell
 * @property {string} [healthFault] why, in a clause
 * @property {readonly Process[]} processes
 * @property {Redis} [redis]
 *
 * @typedef {{ url: string | null, fault?: string }} Redis `fault`: why it cannot be used, in a clause
 */

export {};
