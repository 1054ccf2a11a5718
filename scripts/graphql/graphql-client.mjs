import { setTimeout as sleep } from 'node:timers/promises';
import { describeFetchError, UnreachableError, UsageError, UserFacingError } from '../shared/errors.mjs';
import { toReachableAddress } from '../shared/installation-settings.mjs';

/**
 * @typedef {object} GraphQLResponseError an entry of `errors` in a response
 * @property {string} message
 * @property {readonly (string | number)[]} [path]
 * @property {{ code?: string, faults?: readonly InputFault[], [name: string]: unknown }} [extensions]
 *
 * @typedef {{ path: readonly (string | number)[], code: string, message: string }} InputFault
 */

/**
 * @template Data
 * @typedef {object} GraphQLResponse
 * @property {Data | null} [data]
 * @property {readonly GraphQLResponseError[]} [errors]
 * @property {{ consistencyToken?: string }} [extensions]
 */

/**
 * @typedef {object} RawRequest
 * @property {string} method
 * @property {string} [body]
 * @property {string} [search] query string of the URL
 * @property {Readonly<Record<string, string>>} [headers] replace the caller's authorization
 *
 * @typedef {{ status: number, text: string }} RawResponse
 *
 * @typedef {object} GraphQLClient whose methods throw {@link UnreachableError} if no GraphQL server answers
 * @property {URL} url
 * @property {(request: RawRequest) => Promise<RawResponse>} send sends a request as it is and returns any response
 * @property {<Data>(query: string, variables?: Record<string, unknown>, consistencyToken?: string) => Promise<GraphQLResponse<Data>>} execute
 *   executes an operation; with a consistency token it sees the effects of that command
 */

/** The option `--url` of every command that sends requests to a gateway. */
export const GATEWAY_URL_OPTION = /** @type {const} */ ({ url: { type: 'string' } });

export const GATEWAY_URL_HELP = `  --url URL              the gateway's GraphQL endpoint. Default: this installation's, from HOST and GATEWAY_PORT
                         (environment or .env). The command acts as an operator of this installation; for another
                         installation, set AUTH_TOKEN`;

const REQUEST_TIMEOUT_MS = 15_000;

/** A lost connection may come back after a restart, so requests are repeated for this long. */
const RETRY_TIMEOUT_MS = 15_000;
const MIN_RETRY_DELAY_MS = 200;
const MAX_RETRY_DELAY_MS = 2_000;
const TEMPORARY_ERROR_CODES = ['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT', 'SERVER_SHUTTING_DOWN'];

/**
 * Returns the URL of the gateway's GraphQL endpoint.
 *
 * @param {string | undefined} url the value of `--url`; undefined: the installation of `settings`
 * @param {import('../shared/installation-settings.mjs').InstallationSettings} settings
 * @returns {URL}
 * @throws {UsageError}
 */
export function resolveGatewayUrl(url, { host, ports }) {
  const text = url ?? `http://${toReachableAddress(host, ports['GATEWAY_PORT'] ?? '')}/graphql`;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new UsageError(`The gateway's URL must be like http://127.0.0.1:4000/graphql (it is "${text}").`);
}

/**
 * Creates a GraphQL-over-HTTP client.
 *
 * @param {URL} url
 * @param {{ authorize?: import('../shared/identity.mjs').Authorize, timeoutMs?: number }} [options] `timeoutMs` is per
 *   request
 * @returns {GraphQLClient}
 */
export function createGraphQLClient(
  url,
  { authorize = () => Promise.resolve({}), timeoutMs = REQUEST_TIMEOUT_MS } = {},
) {
  const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json' };

  /** @type {GraphQLClient['send']} */
  const send = async ({ method, body, search = '', headers }) => {
    const target = new URL(url);
    target.search = search;
    const allHeaders = { ...jsonHeaders, ...(headers ?? (await authorize())) };
    try {
      const response = await fetch(target, {
        method,
        headers: allHeaders,
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new UnreachableError(
        `${url.href} does not answer (${describeFetchError(error)}): start it with npm start, or correct --url.`,
      );
    }
  };

  return {
    url,
    send,
    async execute(query, variables = {}, consistencyToken) {
      const extensions = consistencyToken === undefined ? undefined : { consistencyToken };
      const body = JSON.stringify({ query, variables, extensions });
      const { status, text } = await send({ method: 'POST', body });
      const response = parseGraphQLResponse(text);
      if (response) return response;
      throw new UnreachableError(
        `${url.href} answers with status ${status} and without a GraphQL response: set --url to a GraphQL endpoint.`,
      );
    },
  };
}

/**
 * @template Data
 * @param {string} text
 * @returns {GraphQLResponse<Data> | undefined} undefined if the text is no GraphQL response
 */
export function parseGraphQLResponse(text) {
  try {
    /** @type {unknown} */
    const response = JSON.parse(text);
    const isResponse =
      typeof response === 'object' && response !== null && ('data' in response || 'errors' in response);
    return isResponse ? /** @type {GraphQLResponse<Data>} */ (response) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks that the gateway answers and accepts the caller, so that a long run does not fail once per item.
 *
 * @param {GraphQLClient} client
 * @throws {UnreachableError}
 */
export async function checkGatewayAccess(client) {
  const { errors } = await client.execute('{ __typename }');
  if (errors?.[0]) {
    throw new UnreachableError(`${client.url.href} refuses requests of this command: ${errors[0].message}`);
  }
}

/** The response to a request has errors, or lacks the expected data. */
export class GraphQLRequestError extends UserFacingError {
  /** @override */
  name = 'GraphQLRequestError';
}

/**
 * @template Data
 * @param {GraphQLResponse<Data>} response
 * @param {string} failure what failed, such as "The rules cannot be read"
 * @returns {Data}
 * @throws {GraphQLRequestError}
 */
export function getResponseData({ data, errors }, failure) {
  if (data && !errors) return data;
  const reasons = errors?.map(({ message }) => message).join('\n');
  throw new GraphQLRequestError(`${failure}: ${reasons ?? 'the response has no data.'}`);
}

/**
 * Sends an idempotent operation, and repeats it while the gateway or a subgraph is unavailable.
 *
 * @template Data
 * @param {() => Promise<GraphQLResponse<Data>>} send
 * @param {AbortSignal} signal ends the retries
 * @returns {Promise<GraphQLResponse<Data>>}
 * @throws {UnreachableError} after {@link RETRY_TIMEOUT_MS}
 */
export async function sendWithRetries(send, signal, timeoutMs = RETRY_TIMEOUT_MS) {
  const deadline = performance.now() + timeoutMs;
  for (let delayMs = MIN_RETRY_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_RETRY_DELAY_MS)) {
    const result = await trySend(send);
    if ('response' in result) return result.response;
    if (performance.now() >= deadline || signal.aborted) throw result.error;
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * @template Data
 * @param {() => Promise<GraphQLResponse<Data>>} send
 * @returns {Promise<{ response: GraphQLResponse<Data> } | { error: UnreachableError }>}
 */
async function trySend(send) {
  try {
    const response = await send();
    const temporary = response.errors?.find(({ extensions }) =>
      TEMPORARY_ERROR_CODES.includes(extensions?.code ?? ''),
    );
    return temporary ? { error: new UnreachableError(temporary.message) } : { response };
  } catch (error) {
    if (error instanceof UnreachableError) return { error };
    throw error;
  }
}
