import { Failure } from '../../failure.mjs';
import { sendPatiently } from '../client/send-patiently.mjs';

/**
 * @typedef {{ totalCount: number, nodes: object[], pageInfo: { hasNextPage: boolean, endCursor: string | null } }} Page
 */

/**
 * The rows of a list, page by page, so that a list of any length takes no more memory than a page.
 *
 * @param {import('../client/http-client.mjs').HttpClient} client
 * @param {import('./columns.mjs').Listed} listed
 * @param {Record<string, unknown>} filter
 * @param {{ signal: AbortSignal, onProgress: (done: number, total: number) => void }} options
 * @returns {AsyncGenerator<Record<string, unknown>>}
 * @throws {Failure} where the list is refused
 */
export async function* rowsOf(client, { query, field, columns }, filter, { signal, onProgress }) {
  /** @type {string | null} */
  let after = null;
  let done = 0;
  do {
    /** @type {import('../client/http-client.mjs').Answer<Record<string, Page | null>>} */
    const { data, errors } = await sendPatiently(() => client.ask(query, { filter, after }), signal);
    const page = data?.[field];
    if (!page || errors) throw new Failure(errors?.map(({ message }) => message).join('\n') ?? 'No data.');
    for (const node of page.nodes) {
      yield Object.fromEntries(Object.entries(columns).map(([title, read]) => [title, read(node)]));
    }
    done += page.nodes.length;
    onProgress(done, page.totalCount);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null && !signal.aborted);
}
