import type { IncomingHttpHeaders } from 'node:http';

/** Aborts a request that has been sent. */
export interface RequestController {
  abort(reason: Error): void;
}

/** Receives the response of one request. The methods are those of a handler of undici. */
export interface ResponseHandler {
  /** Called when the request is sent. */
  onRequestStart(controller: RequestController): void;
  onResponseStart(controller: RequestController, status: number, headers: IncomingHttpHeaders): void;
  onResponseData(controller: RequestController, chunk: Buffer): void;
  onResponseEnd(): void;
  /** Called instead of `onResponseEnd`, also after {@link RequestController.abort}. */
  onResponseError(controller: RequestController, error: Error): void;
}

/** A POST request to the origin of the connections. */
export interface SentRequest {
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}
