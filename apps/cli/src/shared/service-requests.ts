import { z } from 'zod';
import type { HttpHeaders } from './identity.js';

/** What a service answers at `GET /ready`. */
export interface ServiceReadiness {
  readonly service: string;
  readonly ready: boolean;
  /** Absent if the request does not carry the secret of the service's installation. */
  readonly checks?: Readonly<Record<string, string | number | boolean>> | undefined;
}

const readinessSchema = z.object({
  service: z.string(),
  ready: z.boolean(),
  checks: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

export interface ServiceRequest {
  readonly method?: string;
  /** May hold the installation secret. */
  readonly headers?: HttpHeaders;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/**
 * Sends a request to a service of this installation. It follows no redirect, because `fetch` would send the installation
 * secret to the redirect's host: it removes only `authorization`. A redirect is returned as a response with its status.
 */
export const sendServiceRequest = (url: string, request: ServiceRequest): Promise<Response> =>
  // With `error`, the caller could not tell a redirect from a server that does not answer.
  fetch(url, { ...request, redirect: 'manual' });

/**
 * Reads the metrics of a service, in Prometheus' text format.
 * @param origin of a service that has answered {@link readServiceReadiness} as one of this installation
 * @returns undefined if it has none for this caller
 * @throws the error of `fetch` if nothing answers
 */
export async function readServiceMetrics(
  origin: string,
  request: Pick<ServiceRequest, 'headers' | 'signal'>,
): Promise<string | undefined> {
  const response = await sendServiceRequest(`${origin}/metrics`, request);
  const text = await response.text();
  return response.ok ? text : undefined;
}

/**
 * Asks the program at an address which service it is, and whether it is ready. Ask without the installation secret first,
 * and send the secret only to the expected service: any other program may use the port.
 * @param origin such as `http://127.0.0.1:4001`
 * @returns undefined if the program is no service of this product
 * @throws the error of `fetch` if nothing answers
 */
export async function readServiceReadiness(
  origin: string,
  request: Pick<ServiceRequest, 'headers' | 'signal'>,
): Promise<ServiceReadiness | undefined> {
  const response = await sendServiceRequest(`${origin}/ready`, request);
  const text = await response.text();
  try {
    return readinessSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
