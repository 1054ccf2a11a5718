import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InputFault } from '@seguridad-abc/contracts';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print, type DocumentNode } from 'graphql';
import { describeFetchError, UnreachableError, UserFacingError } from '../shared/errors.js';
import type { Authorize } from '../shared/identity.js';
import { CheckAccessDocument } from './generated.js';

/** An entry of `errors` in a response. */
export interface GraphQLResponseError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: {
    readonly code?: string;
    /** Seconds after which a request may be sent again. */
    readonly retryAfter?: number;
    /** Rules that the command concerns. */
    readonly ruleIds?: readonly string[];
    readonly faults?: readonly Pick<InputFault, 'path' | 'message' | 'code'>[];
  };
}

export interface GraphQLResponse<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLResponseError[];
  readonly extensions?: { readonly consistencyToken?: string };
}

export interface RawRequest {
  readonly method: string;
  readonly body?: string;
  /** Query string of the URL. */
  readonly search?: string;
  /** Replace the caller's authorization. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawResponse {
  readonly status: number;
  readonly text: string;
}

/** A gateway with PERSISTED_OPERATIONS_MODE=ids-only accepts ids of documents only. */
export type DocumentFormat = 'text' | 'id';

/** A GraphQL-over-HTTP client. Its methods throw {@link UnreachableError} if no GraphQL server answers. */
export interface GraphQLClient {
  readonly url: URL;
  /** How the gateway accepts documents, as far as `execute` has found out. */
  readonly documentFormat: DocumentFormat;
  /** Sends a request as it is and returns any response. */
  send(request: RawRequest): Promise<RawResponse>;
  /**
   * Executes an operation. If the gateway refuses it for now, waits as long as the gateway says and sends it again.
   * @param consistencyToken of a command whose effects the operation must see
   */
  execute<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    consistencyToken?: string,
  ): Promise<GraphQLResponse<Data>>;
}

const REQUEST_TIMEOUT_MS = 15_000;

/** Codes of operations that were refused before they ran. The response says after how many seconds to send them again. */
const REFUSED_ERROR_CODES = ['RATE_LIMITED', 'TOO_MANY_OPERATIONS'];
/** How long one operation is sent again after refusals. The allowance of an operator returns in a minute. */
const REFUSAL_TIMEOUT_MS = 120_000;

/** A lost connection may come back after a restart, so requests are repeated for this long. */
const RETRY_TIMEOUT_MS = 15_000;
const MIN_RETRY_DELAY_MS = 200;
const MAX_RETRY_DELAY_MS = 2_000;
const TEMPORARY_ERROR_CODES = [
  ...['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT', 'SERVER_SHUTTING_DOWN'],
  ...['STORAGE_FULL', 'STORAGE_UNAVAILABLE'],
];

export interface GraphQLClientOptions {
  readonly authorize: Authorize;
  /** Per request. */
  readonly timeoutMs?: number;
  /** How long an operation that is refused with `retryAfter` is sent again. @default 2 minutes */
  readonly refusalTimeoutMs?: number;
}

export function createGraphQLClient(
  url: URL,
  { authorize, timeoutMs = REQUEST_TIMEOUT_MS, refusalTimeoutMs = REFUSAL_TIMEOUT_MS }: GraphQLClientOptions,
): GraphQLClient {
  const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json' };

  const send = async ({ method, body, search = '', headers }: RawRequest): Promise<RawResponse> => {
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

  const createNoResponseError = (status: number) =>
    new UnreachableError(
      `${url.href} answers with status ${status} and without a GraphQL response: set --url to a GraphQL endpoint.`,
    );
  let documentFormat: DocumentFormat = 'text';

  return {
    url,
    get documentFormat() {
      return documentFormat;
    },
    send,
    async execute<Data, Variables>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
      consistencyToken?: string,
    ) {
      const extensions = consistencyToken === undefined ? undefined : { consistencyToken };
      /** Sends the operation as text or by id, as the gateway accepts it. */
      const post = async (): Promise<GraphQLResponse<Data>> => {
        const sendDocument = (requested: RequestedDocument) =>
          send({ method: 'POST', body: JSON.stringify({ ...requested, variables, extensions }) });
        let { status, text } = await sendDocument(
          documentFormat === 'id'
            ? { documentId: getDocumentId(document) }
            : { query: getDocumentText(document) },
        );
        let response = parseGraphQLResponse<Data>(text);
        if (documentFormat === 'text' && isDocumentRefused(response?.errors)) {
          ({ status, text } = await sendDocument({ documentId: getDocumentId(document) }));
          response = parseGraphQLResponse<Data>(text);
          if (!isDocumentRefused(response?.errors)) documentFormat = 'id';
        }
        if (!response) throw createNoResponseError(status);
        return response;
      };
      const deadline = performance.now() + refusalTimeoutMs;
      for (;;) {
        const response = await post();
        const waitMs = getRefusalWaitMs(response);
        if (waitMs === undefined || performance.now() + waitMs > deadline) return response;
        await sleep(waitMs);
      }
    },
  };
}
/** @returns the time after which to send a refused operation again; undefined if the operation has run, or cannot run later */
function getRefusalWaitMs({ data, errors }: GraphQLResponse<unknown>): number | undefined {
  if (data !== undefined && data !== null) return undefined;
  const refusal = errors?.find(({ extensions }) => REFUSED_ERROR_CODES.includes(extensions?.code ?? ''));
  const seconds = refusal?.extensions?.retryAfter;
  return seconds === undefined ? undefined : seconds * 1_000;
}

const documentTexts = new WeakMap<object, string>();

/** The text of a document. Each document is printed once. */
export function getDocumentText(document: DocumentNode): string {
  let text = documentTexts.get(document);
  if (text === undefined) {
    text = print(document);
    documentTexts.set(document, text);
  }
  return text;
}

type RequestedDocument = { readonly query: string } | { readonly documentId: string };

const documentIds = new WeakMap<object, string>();

/** The id of a document in the gateway's list of allowed operations: the hash of its text. */
export function getDocumentId(document: DocumentNode): string {
  let id = documentIds.get(document);
  if (id === undefined) {
    id = `sha256:${createHash('sha256').update(getDocumentText(document)).digest('hex')}`;
    documentIds.set(document, id);
  }
  return id;
}

/** Whether the gateway refuses the document itself. It may accept the id of the document. */
export const isDocumentRefused = (errors: unknown): boolean =>
  Array.isArray(errors) &&
  (errors as readonly GraphQLResponseError[])[0]?.extensions?.code === 'OPERATION_NOT_ALLOWED';

/** @returns undefined if the text is no GraphQL response */
export function parseGraphQLResponse<Data>(text: string): GraphQLResponse<Data> | undefined {
  try {
    const response: unknown = JSON.parse(text);
    const isResponse =
      typeof response === 'object' && response !== null && ('data' in response || 'errors' in response);
    // Its data is not checked: the gateway's schema determines it.
    return isResponse ? (response as GraphQLResponse<Data>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks that the gateway answers and accepts the caller, so that a long run does not fail once per item.
 * @throws UnreachableError
 */
export async function checkGatewayAccess(client: GraphQLClient): Promise<void> {
  const { errors } = await client.execute(CheckAccessDocument, {});
  if (!errors?.[0]) return;
  const [{ message, extensions }] = errors;
  const advice =
    extensions?.code === 'UNAUTHENTICATED'
      ? 'The command sends AUTH_TOKEN if it is set, and otherwise a token of the installation in DATA_DIR: correct these settings.'
      : 'Correct --url: it must be a GraphQL endpoint such as http://127.0.0.1:4000/graphql.';
  throw new UnreachableError(`${client.url.href} refuses requests of this command: ${message} ${advice}`);
}

/** The response to a request has errors, or lacks the expected data. */
export class GraphQLRequestError extends UserFacingError {
  override name = 'GraphQLRequestError';

  /** @param code of the first error of the response */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/**
 * @param failure what failed, such as "The rules cannot be read"
 * @throws GraphQLRequestError if the response has errors or no data
 */
export function getResponseData<Data>({ data, errors }: GraphQLResponse<Data>, failure: string): Data {
  if (data && !errors) return data;
  const reasons = errors?.map(({ message }) => message).join('\n');
  const code = errors?.[0]?.extensions?.code;
  const cause = code === 'QUOTA_EXCEEDED' ? ` (${code})` : '';
  throw new GraphQLRequestError(`${failure}${cause}: ${reasons ?? 'the response has no data.'}`, code);
}

/**
 * Sends an idempotent operation, and repeats it while the gateway or a subgraph is unavailable.
 * @param signal ends the retries
 * @throws UnreachableError after `timeoutMs`
 */
export async function sendWithRetries<Data>(
  send: () => Promise<GraphQLResponse<Data>>,
  signal: AbortSignal,
  timeoutMs = RETRY_TIMEOUT_MS,
): Promise<GraphQLResponse<Data>> {
  const deadline = performance.now() + timeoutMs;
  for (let delayMs = MIN_RETRY_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_RETRY_DELAY_MS)) {
    const result = await trySend(send);
    if ('response' in result) return result.response;
    if (performance.now() >= deadline || signal.aborted) throw result.error;
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

async function trySend<Data>(
  send: () => Promise<GraphQLResponse<Data>>,
): Promise<{ readonly response: GraphQLResponse<Data> } | { readonly error: UnreachableError }> {
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
