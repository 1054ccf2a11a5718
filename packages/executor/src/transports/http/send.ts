import type { ServerResponse } from 'node:http';
import type { Refusal } from '../faults.js';
import type { JsonType } from './accept.js';

/** Answers a request with one JSON text. */
export function sendJson(
  response: ServerResponse,
  status: number,
  type: JsonType,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  // As text: Node writes head and body in one.
  response.end(text);
}

/**
 * Answers a request whose operation is not executed. Clients of plain JSON read no answer of a status other than 200, so
 * that GraphQL over HTTP wants that for whatever is wrong with an operation.
 */
export function sendRefusal(response: ServerResponse, type: JsonType, refusal: Refusal): void {
  const { errors, status, headers, isOperationFault } = refusal;
  const told = isOperationFault && type === 'application/json' ? 200 : status;
  sendJson(response, told, type, { errors }, headers);
}
