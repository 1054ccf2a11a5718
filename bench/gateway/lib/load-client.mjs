import { Pool } from 'undici';

/** Number of concurrent requests. */
const CONCURRENCY = 16;
const MAX_SHOWN_CHARACTERS = 300;

/** @typedef {import('../workloads.mjs').GraphQLRequest} GraphQLRequest */

/**
 * Creates an HTTP client that loads one gateway.
 * @param {string} url @param {(n: number) => string} getAuthorization of the n-th request
 */
export function createLoadClient(url, getAuthorization) {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: CONCURRENCY, keepAliveTimeout: 60_000 });

  /** @param {GraphQLRequest} request @param {number} n @returns {Promise<string>} the response body */
  const send = async (request, n) => {
    const { statusCode, body } = await pool.request({
      path,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: getAuthorization(n),
      },
      body: JSON.stringify(request),
    });
    const text = await body.text();
    if (statusCode !== 200) {
      throw new Error(`${url} responds with status ${statusCode}: ${text.slice(0, MAX_SHOWN_CHARACTERS)}`);
    }
    return text;
  };

  return {
    send,
    close: () => pool.close(),

    /**
     * Sends a range of requests, 16 at a time.
     * @param {(n: number) => GraphQLRequest} createRequest
     * @param {{ from: number, count: number }} range
     * @returns {Promise<{ seconds: number, latencies: number[] }>} latencies in milliseconds
     */
    async sendAll(createRequest, { from, count }) {
      /** @type {number[]} */
      const latencies = [];
      let next = from;
      const startedAt = performance.now();
      const sendRequests = async () => {
        while (next < from + count) {
          const n = next++;
          const sentAt = performance.now();
          const response = await send(createRequest(n), n);
          latencies.push(performance.now() - sentAt);
          if (response.includes('"errors"')) {
            throw new Error(`${url} responds with errors: ${response.slice(0, MAX_SHOWN_CHARACTERS)}`);
          }
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, sendRequests));
      return { seconds: (performance.now() - startedAt) / 1_000, latencies };
    },
  };
}
