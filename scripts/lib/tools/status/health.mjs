import { messageOf } from '../../failure.mjs';

const QUERY = `{
  services { name status reason since lastBeatAt instances { id status version startedAt lastBeatAt } }
}`;

/** @typedef {import('./state.mjs').State} State */
/** @typedef {import('../client/http-client.mjs').Answer<Pick<State, 'services'>>} Answer */

/**
 * What the monitor has to say, through the gateway.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @returns {Promise<Pick<State, 'services' | 'healthFault'>>}
 */
export async function askHealth(client) {
  try {
    /** @type {Answer} */
    const { data, errors } = await client.ask(QUERY);
    const services = data?.services ?? null;
    if (services) return { services };
    return { services, healthFault: errors?.[0]?.message ?? 'heartbeat does not tell' };
  } catch (error) {
    return { services: null, healthFault: messageOf(error) };
  }
}
