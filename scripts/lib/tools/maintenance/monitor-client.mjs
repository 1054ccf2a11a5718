import { codeOf, Failure, messageOf } from '../../failure.mjs';
import { NotReachable } from '../cli/exit.mjs';

/**
 * @typedef {{ service: string, reason: string, since: string, until: string | null }} Maintenance
 *
 * @typedef {object} MonitorClient
 * @property {() => Promise<readonly Maintenance[]>} list
 * @property {(service: string, wanted: { reason: string, until: string | undefined }) => Promise<Maintenance>} takeOut
 * @property {(service: string) => Promise<Maintenance>} takeBack
 */

const TIMEOUT_MS = 10_000;

/**
 * The monitor's HTTP side.
 *
 * @param {string} origin
 * @param {{ headers: import('../../identity.mjs').Headers, signal: AbortSignal }} options `headers` of this installation's own
 * @returns {MonitorClient} whose methods throw {@link Failure} with what the monitor refuses, and {@link NotReachable}
 *   where it does not answer
 */
export function createMonitorClient(origin, { headers: own, signal }) {
  /** Of every request. */
  const headers = { ...own, 'content-type': 'application/json', accept: 'application/json' };

  /** @param {string} method @param {string} path @param {object} [body] */
  const send = async (method, path, body) => {
    /** @type {unknown} */
    let answer;
    let status;
    try {
      const response = await fetch(`${origin}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      ({ status } = response);
      answer = await response.json();
    } catch (error) {
      signal.throwIfAborted();
      if (status !== undefined) {
        throw new NotReachable(`${origin} answers with status ${status} and no JSON: is it the monitor?`);
      }
      throw new NotReachable(
        `${origin} does not answer (${causeOf(error)}): is it running? npm start starts it.`,
      );
    }
    if (status >= 400) throw new Failure(refusalIn(answer) ?? `The monitor answers with status ${status}.`);
    return answer;
  };
  const pathOf = (/** @type {string} */ service) => `/maintenance/${encodeURIComponent(service)}`;

  return {
    async list() {
      const { maintenance } = /** @type {{ maintenance: Maintenance[] }} */ (
        await send('GET', '/maintenance')
      );
      return maintenance;
    },
    takeOut: async (service, wanted) =>
      /** @type {Maintenance} */ (await send('PUT', pathOf(service), wanted)),
    takeBack: async (service) => /** @type {Maintenance} */ (await send('DELETE', pathOf(service))),
  };
}

/** @param {unknown} answer @returns {string | undefined} */
function refusalIn(answer) {
  const { errors } = /** @type {{ errors?: { message: string }[] }} */ (answer ?? {});
  return errors?.map(({ message }) => message).join('\n');
}

/** fetch says only that it failed; its cause says why. @param {unknown} error */
function causeOf(error) {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return codeOf(cause) ?? messageOf(cause);
}
