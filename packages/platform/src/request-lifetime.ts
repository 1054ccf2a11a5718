import type { IncomingHttpHeaders } from 'node:http';
import { DEADLINE_HEADER } from '@seguridad-abc/contracts';
import type { Response } from 'express';
import { ExpectedError } from './errors.js';
import { parseWholeNumber } from './parse-whole-number.js';

/** The longest remaining time that is read from a header, in ms. */
const MAX_REMAINING_MS = 3_600_000; // 1 hour

/** Whether someone still waits for the response of a request. */
export interface RequestLifetime {
  /**
   * Returns why the request is over: `REQUEST_CANCELLED` if the connection is closed, `DEADLINE_EXCEEDED` if the deadline
   * has passed; undefined if someone still waits. To be asked before each expensive step.
   */
  findEnd(): ExpectedError | undefined;
  /**
   * Responds at once with one error. The promise never settles: what waits for it is never continued, and is freed.
   * @returns a promise that the abandoned step of the request awaits
   */
  abandon(error: ExpectedError): Promise<never>;
}

/** A request without a deadline and without a connection. To abandon it rejects with the error. */
export const ENDLESS_REQUEST: RequestLifetime = {
  findEnd: () => undefined,
  abandon: (error) => Promise.reject(error),
};

/**
 * Creates the lifetime of a request that begins now.
 * @param headers `x-abc-deadline` ({@link DEADLINE_HEADER}) gives its remaining time
 */
export function createRequestLifetime(headers: IncomingHttpHeaders, response: Response): RequestLifetime {
  const remainingMs = parseWholeNumber(headers[DEADLINE_HEADER], MAX_REMAINING_MS);
  const endsAt = remainingMs === undefined ? Infinity : performance.now() + remainingMs;
  return {
    findEnd() {
      if (response.closed)
        return new ExpectedError('REQUEST_CANCELLED', 'The client has closed the connection.');
      return performance.now() >= endsAt
        ? new ExpectedError(
            'DEADLINE_EXCEEDED',
            'The deadline of the request has passed. Ask for less, or retry.',
          )
        : undefined;
    },
    abandon({ message, extensions }) {
      if (!response.headersSent && !response.closed)
        response.json({ data: null, errors: [{ message, extensions }] });
      return new Promise(() => undefined);
    },
  };
}
