import { codeOf, messageOf } from '../../failure.mjs';
import { NotReachable } from '../cli/exit.mjs';

/**
 * @typedef {object} GraphQLFault one of an answer's errors
 * @property {string} message
 * @property {readonly (string | number)[]} [path]
 * @property {{ code?: string, faults?: readonly Fault[], [name: string]: unknown }} [extensions]
 *
 * @typedef {{ path: readonly (string | number)[], code: string, message: string }} Fault of an input
 */

/**
 * @template Data
 * @typedef {{ data?: Data | null, errors?: readonly GraphQLFault[], extensions?: { consistencyToken?: string } }} Answer
 */

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} [body]
 * @property {string} [search] of the URL
 * @property {Readonly<Record<string, string>>} [headers] in place of those that say who sends it
 *
 * @typedef {{ status: number, text: string }} Response
 *
 * @typedef {object} HttpClient
 * @property {URL} url
 * @property {(exchange: Exchange) => Promise<Response>} send as it is, whatever comes back
 * @property {<Data>(query: string, variables?: Record<string, unknown>, token?: string) => Promise<Answer<Data>>} ask one
 *   operation; `token`: the state that it must see
 */

const TIMEOUT_MS = 15_000;

/**
 * GraphQL over HTTP.
 *
 * @param {URL} url
 * @param {{ authorize?: import('../../identity.mjs').Authorize, timeoutMs?: number }} [options] who sends it, and how long
 *   one request may take
 * @returns {HttpClient} whose methods throw {@link NotReachable} where nothing, or nothing like GraphQL, answers
 */
export function createHttpClient(
  url,
  { authorize = () => Promise.resolve({}), timeoutMs = TIMEOUT_MS } = {},
) {
  const plain = { 'content-type': 'application/json', accept: 'application/json' };

  /** @type {HttpClient['send']} */
  const send = async ({ method, body, search = '', headers: given }) => {
    const target = new URL(url);
    target.search = search;
    const headers = { ...plain, ...(given ?? (await authorize())) };
    try {
      const response = await fetch(target, {
        method,
        headers,
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new NotReachable(
        `${url.href} does not answer (${causeOf(error)}): is it running? npm start starts it.`,
      );
    }
  };

  return {
    url,
    send,
    async ask(query, variables = {}, token) {
      const extensions = token === undefined ? undefined : { consistencyToken: token };
      const body = JSON.stringify({ query, variables, extensions });
      const { status, text } = await send({ method: 'POST', body });
      const answer = parseAnswer(text);
      if (answer) return answer;
      throw new NotReachable(
        `${url.href} answers with status ${status} and no GraphQL: is it the gateway's URL?`,
      );
    },
  };
}

/**
 * @template Data
 * @param {string} text
 * @returns {Answer<Data> | undefined} nothing where it is no answer of GraphQL
 */
export function parseAnswer(text) {
  try {
    /** @type {unknown} */
    const answer = JSON.parse(text);
    const isAnswer =
      typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
    return isAnswer ? /** @type {Answer<Data>} */ (answer) : undefined;
  } catch {
    return undefined;
  }
}

/** fetch says only that it failed; its cause says why. @param {unknown} error */
function causeOf(error) {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return codeOf(cause) ?? messageOf(cause);
}
