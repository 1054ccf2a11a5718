import type { SubgraphError, SubgraphResponse } from '../data-sources/data-source.js';
import type { ErrorCode } from '../shared/errors.js';
import { ENTITIES_FIELD } from '../shared/graphql-ast.js';
import type { CompiledFetch } from './compile-fetch.js';
import type { FetchJoin, JoinedFetches } from './fetch-join.js';
import type { JoinedOperation } from './joined-operation.js';

/** The entities that one fetch requests. */
export interface EntityRequest {
  readonly fetch: CompiledFetch;
  /** JSON texts, separated by commas. */
  readonly representations: string;
  readonly entityCount: number;
}

/** Sends the entity requests of one execution. The promises are never rejected. */
export interface EntityRequestSender {
  sendAlone(request: EntityRequest): Promise<SubgraphResponse>;
  /** Sends several in one request. */
  sendJoined(operation: JoinedOperation, requests: readonly EntityRequest[]): Promise<SubgraphResponse>;
  /** Maximum number of entities in one request. */
  readonly maxEntities: number;
}

/** An entity request that waits for the others of its join. */
interface PendingRequest {
  readonly request: EntityRequest;
  readonly resolve: (response: SubgraphResponse | Promise<SubgraphResponse>) => void;
}

/**
 * Collects the entity requests of fetches that begin at the same time, and sends one request for all. A response that does not
 * say which fetch it concerns is not used: each fetch then sends its own request, so that data and errors are those of separate
 * requests.
 */
export class JoinedRequest {
  private readonly pendingRequests: PendingRequest[] = [];
  private entityCount = 0;

  constructor(
    private readonly join: FetchJoin,
    private readonly joinedFetches: JoinedFetches,
    private readonly sender: EntityRequestSender,
  ) {}

  /** Whether the fetch takes part in the join. */
  accepts(fetch: CompiledFetch): boolean {
    return this.joinedFetches.fetches.includes(fetch);
  }

  /** @returns the response as the fetch alone would receive it */
  add(request: EntityRequest): Promise<SubgraphResponse> {
    this.entityCount += request.entityCount;
    return new Promise((resolve) => this.pendingRequests.push({ request, resolve }));
  }

  /** Call it once, when all fetches have begun. */
  async send(): Promise<void> {
    const { pendingRequests, sender } = this;
    const requests = pendingRequests.map(({ request }) => request);
    const operation =
      requests.length > 1 && this.entityCount <= sender.maxEntities
        ? this.joinedFetches.getOperation(requests.map(({ fetch }) => fetch))
        : undefined;
    if (!operation) {
      this.sendSeparately();
      return;
    }
    const responses = divideResponse(operation, await sender.sendJoined(operation, requests));
    if (!responses) {
      this.join.skipNextExecutions();
      this.sendSeparately();
      return;
    }
    for (const [index, { resolve }] of pendingRequests.entries()) resolve(responses[index] ?? { data: null });
  }

  private sendSeparately(): void {
    for (const { request, resolve } of this.pendingRequests) resolve(this.sender.sendAlone(request));
  }
}

/** Errors of requests that the subgraph did not answer. Separate requests would fail alike, and would be further load for it. */
const UNANSWERED_CODES: ReadonlySet<unknown> = new Set([
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'REQUEST_CANCELLED',
] satisfies readonly ErrorCode[]);

/**
 * Divides the response of a joined operation into those of its parts.
 * @returns `undefined` if it cannot be divided: it has no data, or an error whose path begins at no part
 */
export function divideResponse(
  { parts }: Pick<JoinedOperation, 'parts'>,
  response: SubgraphResponse,
): SubgraphResponse[] | undefined {
  const { data, errors = [], errorStatus } = response;
  if (!data) return isUnanswered(errors) ? parts.map(() => response) : undefined;
  const responses = parts.map(({ alias }) => ({
    data: { [ENTITIES_FIELD]: data[alias] },
    errors: [] as SubgraphError[],
  }));
  for (const error of errors) {
    const path: unknown = error.path;
    const [alias, ...rest] = Array.isArray(path) ? (path as readonly unknown[]) : [];
    const partResponse = responses[parts.findIndex((part) => part.alias === alias)];
    if (!partResponse) return undefined;
    partResponse.errors.push({ ...error, path: [ENTITIES_FIELD, ...(rest as readonly string[])] });
  }
  return responses.map((each) => {
    if (each.errors.length === 0) return { data: each.data };
    return errorStatus === undefined ? each : { ...each, errorStatus };
  });
}

const isUnanswered = ([error, ...others]: readonly SubgraphError[]): boolean =>
  error !== undefined &&
  others.length === 0 &&
  error.path === undefined &&
  UNANSWERED_CODES.has(error.extensions?.['code']);
