// Runs in the browser: GraphiQL over HTTP for queries and mutations, over WebSocket for subscriptions.
import { createClient } from '/graphiql/graphql-ws/client.js';

/**
 * @typedef {object} Settings settings that the gateway writes into the page
 * @property {string} endpoint path of the GraphQL endpoint
 * @property {string} title
 * @property {string} logo SVG
 * @property {'sign-in' | 'token' | 'open'} access how operations are authorized
 * @property {readonly { readonly query: string }[]} defaultTabs
 *
 * @typedef {{ query: string, operationName?: string | null, variables?: Record<string, unknown> | null }} GraphQLRequest
 * @typedef {{ kind: string, operation?: string, name?: { value: string } }} Definition
 * @typedef {{ extensions?: { queryPlan?: { text: string } } }} ResultWithPlan
 * @typedef {{ headers?: Record<string, string>, documentAST?: { definitions: readonly Definition[] } }} FetcherOptions
 */

/** @type {unknown} */
const json = JSON.parse(document.querySelector('#settings')?.textContent ?? '');
const settings = /** @type {Settings} */ (json);
const url = new URL(settings.endpoint, location.href);
const planPanel = /** @type {HTMLDetailsElement} */ (document.querySelector('#query-plan'));
const planText = /** @type {HTMLElement} */ (planPanel.querySelector('pre'));

/**
 * GraphiQL calls this for each operation, with the content of its headers editor.
 *
 * @param {GraphQLRequest} request
 * @param {FetcherOptions} options
 */
function fetcher(request, { headers = {}, documentAST }) {
  const { operationName } = request;
  const isSubscription = documentAST?.definitions.some(
    (definition) =>
      definition.operation === 'subscription' && (!operationName || definition.name?.value === operationName),
  );
  return isSubscription ? subscribe(request, headers) : post(request, headers);
}

/** @param {GraphQLRequest} request @param {Record<string, string>} headers @returns {Promise<unknown>} */
async function post(request, headers) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(planPanel.open ? { ...request, extensions: { queryPlan: true } } : request),
  });
  const text = await response.text();
  try {
    /** @type {unknown} */
    const result = JSON.parse(text);
    return showPlan(/** @type {ResultWithPlan} */ (result));
  } catch {
    return { status: response.status, body: text };
  }
}

/**
 * Shows the plan of a query or mutation above the editor.
 *
 * @param {ResultWithPlan} result @returns the result without its plan
 */
function showPlan(result) {
  const { queryPlan, ...extensions } = result.extensions ?? {};
  if (!queryPlan) return result;
  planText.textContent = queryPlan.text;
  return { ...result, extensions: Object.keys(extensions).length > 0 ? extensions : undefined };
}

/**
 * Opens a WebSocket for each subscription, since the headers are sent once per connection: by their names in lower case,
 * as HTTP sends them, and again under `headers`.
 *
 * @param {GraphQLRequest} request
 * @param {Record<string, string>} editedHeaders
 */
function subscribe(request, editedHeaders) {
  const headers = Object.fromEntries(new Headers(editedHeaders));
  return {
    /** @param {import('graphql-ws').Sink} observer */
    subscribe(observer) {
      const client = createClient({
        url: url.href.replace(/^http/, 'ws'),
        connectionParams: { ...headers, headers },
      });
      const unsubscribe = client.subscribe(request, {
        next: (value) => observer.next(value),
        complete: () => observer.complete(),
        error: (error) => observer.error(error instanceof CloseEvent ? toError(error) : error),
      });
      return { unsubscribe };
    },
  };
}

/** @param {CloseEvent} event */
const toError = ({ code, reason }) =>
  new Error(
    `The server closed the WebSocket: ${code} ${reason}. Check the headers, then run the operation again.`,
  );

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
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
  ...settings,
  fetcher,
  endpoint: undefined,
  // The headers may contain a token.
  shouldPersistHeaders: false,
});

const NOT_SIGNED_IN =
  'Not signed in: operations are anonymous. To sign in, run "npm run -s sign-in" in the folder of the project and open the link.';
const TOKEN_NEEDED = 'Operations need a token: write {"authorization": "Bearer <token>"} under Headers.';
const sessionLine = /** @type {HTMLElement} */ (document.querySelector('#session'));

/** Shows whether the browser is signed in. The cookie itself is not readable by scripts. */
async function showSession() {
  const response = await fetch('/sign-in/session');
  /** @type {unknown} */
  const json = await response.json();
  const session = /** @type {{ signedIn: boolean, id?: string, expiresAt?: number }} */ (json);
  if (!session.signedIn) {
    sessionLine.replaceChildren(NOT_SIGNED_IN);
    return;
  }
  const { id = '', expiresAt = 0 } = session;
  const button = document.createElement('button');
  button.textContent = 'Sign out';
  button.addEventListener('click', () => void signOut());
  sessionLine.replaceChildren(
    `Signed in as ${id} until ${new Date(expiresAt).toLocaleTimeString()}. `,
    button,
  );
}

async function signOut() {
  await fetch('/sign-out', { method: 'POST' });
  await showSession();
}

if (settings.access === 'token') sessionLine.textContent = TOKEN_NEEDED;
if (settings.access === 'sign-in') {
  await showSession();
  // A person signs in in another tab, or returns after the session has expired.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void showSession();
  });
}
