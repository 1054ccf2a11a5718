// Runs in the browser: GraphiQL over HTTP for queries and mutations, over WebSocket for subscriptions.
import { createClient } from '/graphiql/graphql-ws/client.js';

/**
 * @typedef {object} Settings what the gateway has put into the page
 * @property {string} endpoint path of the GraphQL endpoint
 * @property {string} title
 * @property {string} logo SVG
 * @property {Readonly<Record<string, string>>} headers preset in the headers editor
 * @property {readonly { readonly query: string }[]} defaultTabs
 *
 * @typedef {{ query: string, operationName?: string | null, variables?: Record<string, unknown> | null }} Operation
 * @typedef {{ kind: string, operation?: string, name?: { value: string } }} Definition
 * @typedef {{ headers?: Record<string, string>, documentAST?: { definitions: readonly Definition[] } }} Around
 */

/** @type {unknown} */
const given = JSON.parse(document.querySelector('#settings')?.textContent ?? '');
const settings = /** @type {Settings} */ (given);
const url = new URL(settings.endpoint, location.href);

/** GraphiQL passes what its headers editor holds with each operation. @param {Operation} operation @param {Around} around */
function fetcher(operation, { headers = {}, documentAST }) {
  const { operationName } = operation;
  const isSubscription = documentAST?.definitions.some(
    (definition) =>
      definition.operation === 'subscription' && (!operationName || definition.name?.value === operationName),
  );
  return isSubscription ? subscribe(operation, headers) : post(operation, headers);
}

/** @param {Operation} operation @param {Record<string, string>} headers @returns {Promise<unknown>} */
async function post(operation, headers) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(operation),
  });
  const text = await response.text();
  try {
    /** @type {unknown} */
    const answer = JSON.parse(text);
    return answer;
  } catch {
    return { status: response.status, body: text };
  }
}

/**
 * A socket a subscription, since headers are told when one is opened: by their names in lower case, as HTTP has them,
 * and once more together under `headers`.
 *
 * @param {Operation} operation
 * @param {Record<string, string>} edited
 */
function subscribe(operation, edited) {
  const headers = Object.fromEntries(new Headers(edited));
  return {
    /** @param {import('graphql-ws').Sink} observer */
    subscribe(observer) {
      const client = createClient({
        url: url.href.replace(/^http/, 'ws'),
        connectionParams: { ...headers, headers },
      });
      const unsubscribe = client.subscribe(operation, {
        next: (value) => observer.next(value),
        complete: () => observer.complete(),
        error: (error) => observer.error(error instanceof CloseEvent ? whyClosed(error) : error),
      });
      return { unsubscribe };
    },
  };
}

/** @param {CloseEvent} event */
const whyClosed = ({ code, reason }) => new Error(`The WebSocket was closed: ${code} ${reason}`);

Object.assign(globalThis, {
  MonacoEnvironment: {
    /** @param {unknown} _module @param {string} label */
    getWorkerUrl: (_module, label) => `/graphiql/${label}.js`,
  },
});

const { YogaGraphiQL } =
  /** @type {{ YogaGraphiQL: { renderYogaGraphiQL(root: Element | null, options: object): void } }} */ (
    /** @type {unknown} */ (globalThis)
  );
const hasHeaders = Object.keys(settings.headers).length > 0;
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
  ...settings,
  fetcher,
  endpoint: undefined,
  headers: hasHeaders ? JSON.stringify(settings.headers, null, 2) : undefined,
  // They may hold a token, and what is preset is to be there again after a reload.
  shouldPersistHeaders: false,
});
