import { createInstanceRotation } from '@seguridad-abc/platform';

/** A request to another route of the processes that serve a subgraph of this product, beside GraphQL. */
export interface ServiceRequest<Result> {
  /** Such as `/report`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /**
   * Sent as JSON with POST. Another instance gets it only if the first one has not executed it: no connection was opened, or it
   * answered with an error. @default a GET request
   */
  readonly body?: object;
  /** Reads the body of an answer with a status below 300. */
  readonly read: (response: Response) => Promise<Result>;
  /** Time limit of the request to all instances together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Whether the result is from an instance that is current. Otherwise the next instance is asked. @default each result is accepted */
  readonly accept?: (result: Result) => boolean;
}

/** Sends requests that any instance of a service can answer. */
export interface ServiceClient {
  /** Whether the supergraph has the service, and all its instances belong to this installation. */
  readonly hasService: boolean;
  /**
   * @returns if no result is accepted, the last one
   * @throws ServiceStatusError if no instance answers with a status below 300; Error if the last one does not answer
   */
  send<Result>(request: ServiceRequest<Result>): Promise<Result>;
}

/**
 * @param service its name in messages
 * @param getGraphqlUrls returns the present GraphQL URLs of the instances; none: the supergraph has no such subgraph
 * @param headers prove to the service that the request comes from this installation
 */
export function createServiceClient(
  service: string,
  getGraphqlUrls: () => readonly string[],
  headers: Readonly<Record<string, string>>,
): ServiceClient {
  const instances = createInstanceRotation(getGraphqlUrls);
  return {
    get hasService() {
      return getGraphqlUrls().length > 0;
    },
    send({ path, query = {}, body, read, timeoutMs, signal, accept }) {
      return instances.request(
        async (graphqlUrl, limited) => {
          const url = new URL(path, graphqlUrl);
          url.search = new URLSearchParams(query).toString();
          const response = await fetch(url, {
            ...(body
              ? {
                  method: 'POST',
                  headers: { ...headers, 'content-type': 'application/json' },
                  body: JSON.stringify(body),
                }
              : { headers }),
            signal: limited,
            // Another host must not receive the installation secret.
            redirect: 'error',
          });
          if (!response.ok) {
            await response.body?.cancel();
            throw new ServiceStatusError(service, response.status);
          }
          return read(response);
        },
        { timeoutMs, accept, mayRepeat: body && isUnexecuted, ...(signal && { signal }) },
      );
    },
  };
}

/** A service has answered with another status than success. */
export class ServiceStatusError extends Error {
  override name = 'ServiceStatusError';

  constructor(
    service: string,
    readonly status: number,
  ) {
    super(`${service} answered with status ${status}`);
  }
}

/** Codes of errors after which no connection was opened. */
const CONNECT_ERROR_CODES: readonly unknown[] = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
];

const isUnexecuted = (error: unknown): boolean =>
  error instanceof ServiceStatusError ||
  CONNECT_ERROR_CODES.includes(((error as Error).cause as { code?: unknown } | undefined)?.code);
