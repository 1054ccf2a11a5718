import { Pool } from 'undici';

/** Requests that are under way at once. */
export const CONCURRENCY = 16;

/** @typedef {import('../workloads.mjs').Request} Request */

/** @param {string} url @param {(n: number) => string} authorization */
export function createClient(url, authorization) {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: CONCURRENCY, keepAliveTimeout: 60_000 });

  /** @param {Request} request @param {number} n @returns {Promise<string>} */
  const send = async (request, n) => {
    const { statusCode, body } = await pool.request({
      path,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: authorization(n),
      },
      body: JSON.stringify(request),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}: ${text.slice(0, 300)}`);
    return text;
  };

  return {
    send,
    close: () => pool.close(),

    /**
     * @param {(n: number) => Request} requestAt
     * @param {{ from: number, count: number }} which
     * @returns {Promise<{ seconds: number, latencies: number[] }>} latencies in milliseconds
     */
    async load(requestAt, { from, count }) {
      /** @type {number[]} */
      const latencies = [];
      let next = from;
      const began = performance.now();
      const work = async () => {
        while (next < from + count) {
          const n = next++;
          const sent = performance.now();
          const answer = await send(requestAt(n), n);
          latencies.push(performance.now() - sent);
          if (answer.includes('"errors"')) throw new Error(`${url} answers ${answer.slice(0, 300)}`);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, work));
      return { seconds: (performance.now() - began) / 1_000, latencies };
    },
  };
}
