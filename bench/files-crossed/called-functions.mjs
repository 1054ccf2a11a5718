// The functions that run in processes, by V8's precise coverage, and which of them run in the background.
import { once } from 'node:events';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

/** A window is long enough for a command to be projected and for what the services do afterwards. */
export const WINDOW_MS = 250;

/**
 * @typedef {import('node:inspector').Profiler.TakePreciseCoverageReturnType} Coverage
 *
 * @typedef {Map<string, Set<string>>} CalledFunctions by source file: the functions that were called, by their place in the file
 *
 * @typedef {object} Inspector controls the profiler of one process
 * @property {() => Promise<CalledFunctions>} take what was called since the last time
 * @property {() => void} close
 *
 * @typedef {object} ProfiledProcess
 * @property {string} name
 * @property {Inspector} inspector
 *
 * @typedef {Map<string, { path: Set<string>, background: Set<string> }>} Round by process: source files
 */

/**
 * Starts precise coverage through the Chrome DevTools Protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/).
 * @param {string} url of the inspector
 * @param {string} checkout the folder of the project whose code the process runs
 * @returns {Promise<Inspector>}
 */
export async function connectInspector(url, checkout) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  /** @type {Map<number, (message: { result?: unknown, error?: unknown }) => void>} */
  const pending = new Map();
  let lastId = 0;
  socket.on('message', (data) => {
    /** @type {unknown} */
    const parsed = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '{}');
    const message = /** @type {{ id?: number, result?: unknown, error?: unknown }} */ (parsed);
    pending.get(message.id ?? 0)?.(message);
    pending.delete(message.id ?? 0);
  });
  /** @param {string} method @param {object} [params] @returns {Promise<unknown>} */
  const send = (method, params = {}) =>
    new Promise((resolvePromise, reject) => {
      lastId += 1;
      pending.set(lastId, ({ result, error }) => {
        if (error === undefined) resolvePromise(result);
        else reject(new Error(`${method}: ${JSON.stringify(error)}`));
      });
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
  await send('Profiler.enable');
  await send('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  return {
    take: async () => {
      const coverage = await send('Profiler.takePreciseCoverage');
      return findCalledFunctions(/** @type {Coverage} */ (coverage), checkout);
    },
    close: () => socket.close(),
  };
}

/** @param {Coverage} coverage @param {string} checkout @returns {CalledFunctions} */
function findCalledFunctions({ result }, checkout) {
  /** @type {CalledFunctions} */
  const called = new Map();
  for (const { url, functions } of result) {
    const source = findSource(url, checkout);
    if (source === undefined) continue;
    // The function of the module itself begins where the module does.
    const inner = functions.filter(
      ({ functionName, ranges }) => functionName || ranges[0]?.startOffset !== 0,
    );
    const places = inner.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0);
    if (places.length === 0) continue;
    called.set(source, new Set(places.map(({ ranges }) => String(ranges[0]?.startOffset))));
  }
  return called;
}

/**
 * @param {string} url of a script
 * @param {string} checkout
 * @returns {string | undefined} its source in the checkout; undefined: not our own
 */
function findSource(url, checkout) {
  if (!url.startsWith('file:')) return undefined;
  const path = relative(checkout, fileURLToPath(url));
  const [, folder, file] = /^((?:apps|packages)\/[^/]+)\/dist\/(.+)\.js$/.exec(path) ?? [];
  return folder === undefined || file === undefined ? undefined : `${folder}/src/${file}.ts`;
}

/**
 * @param {readonly ProfiledProcess[]} processes
 * @returns {Promise<Map<string, CalledFunctions>>} by process: what was called since the last time
 */
export async function takeCalledFunctions(processes) {
  const taken = await Promise.all(processes.map(({ inspector }) => inspector.take()));
  return new Map(processes.map(({ name }, index) => [name, taken[index] ?? new Map()]));
}

/**
 * The functions that run without a command: those that run in two windows in a row. A rare timer falls into one at most.
 * @param {readonly ProfiledProcess[]} processes @returns {Promise<Map<string, CalledFunctions>>}
 */
export async function observeIdle(processes) {
  await takeCalledFunctions(processes);
  await sleep(WINDOW_MS);
  const first = await takeCalledFunctions(processes);
  await sleep(WINDOW_MS);
  const second = await takeCalledFunctions(processes);
  return new Map(
    [...second].map(([name, files]) => {
      const periodic = [...files].map(([file, places]) => {
        const before = first.get(name)?.get(file);
        return /** @type {const} */ ([file, new Set([...places].filter((place) => before?.has(place)))]);
      });
      return [name, new Map(periodic)];
    }),
  );
}

/**
 * @param {Map<string, CalledFunctions>} called @param {Map<string, CalledFunctions>} idle
 * @param {readonly string[]} processes that the path leads through
 * @returns {Round}
 */
export function separateBackground(called, idle, processes) {
  /** @type {Round} */
  const round = new Map();
  for (const [name, files] of called) {
    const isBackground = (/** @type {string} */ file) => {
      const periodic = idle.get(name)?.get(file);
      return !processes.includes(name) || [...(files.get(file) ?? [])].every((place) => periodic?.has(place));
    };
    round.set(name, {
      path: new Set([...files.keys()].filter((file) => !isBackground(file))),
      background: new Set([...files.keys()].filter(isBackground)),
    });
  }
  return round;
}
