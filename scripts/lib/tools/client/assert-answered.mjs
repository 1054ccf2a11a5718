import { NotReachable } from '../cli/exit.mjs';

/**
 * One refusal at the beginning, instead of many on the way.
 *
 * @param {import('./http-client.mjs').HttpClient} client
 * @throws {NotReachable} where the gateway does not answer, or not whoever asks
 */
export async function assertAnswered(client) {
  const { errors } = await client.ask('{ __typename }');
  if (errors?.[0]) throw new NotReachable(`${client.url.href} refuses this tool: ${errors[0].message}`);
}
