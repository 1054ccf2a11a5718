import { statusStyle } from '../cli/paint.mjs';
import { table } from '../cli/table.mjs';

/** @typedef {import('./state.mjs').State} State */
/** @typedef {import('../cli/paint.mjs').Style} Style */

const HEALTH = ['service', 'status', 'since', 'last beat', 'instances', 'reason'].map((title) => ({ title }));
const PROCESSES = ['process', 'ready', 'address', 'says'].map((title) => ({ title }));

/**
 * @param {State} state
 * @param {(style: Style, text: string) => string} paint
 */
export const render = (state, paint) =>
  [health(state, paint), processes(state, paint), redis(state, paint)]
    .filter((part) => part !== undefined)
    .join('\n\n');

/** @param {State} state @param {Parameters<typeof render>[1]} paint */
function health({ services, healthFault = '', at }, paint) {
  if (!services) return `Health is not known: ${paint('red', healthFault)}`;
  const ago = (/** @type {string} */ instant) => duration(Date.parse(at) - Date.parse(instant));
  const rows = services.map(({ name, status, since, lastBeatAt, instances, reason }) => [
    name,
    status,
    ago(since),
    lastBeatAt === null ? 'never' : `${ago(lastBeatAt)} ago`,
    `${instances.length}`,
    reason,
  ]);
  return table(HEALTH, rows, (text, _row, column) =>
    column === 1 ? paint(statusStyle(text.trimEnd()), text) : text,
  );
}

/** @param {State} state @param {Parameters<typeof render>[1]} paint */
function processes({ processes: said }, paint) {
  if (said.length === 0) return undefined;
  const rows = said.map(({ name, ready, address, checks, fault }) => [
    name,
    ready ? 'yes' : 'no',
    address,
    fault ??
      Object.entries(checks)
        .map(([check, value]) => `${check}=${value}`)
        .join(' '),
  ]);
  return table(PROCESSES, rows, (text, row, column) =>
    column === 1 ? paint(said[row]?.ready ? 'green' : 'red', text) : text,
  );
}

/** @param {State} state @param {Parameters<typeof render>[1]} paint */
function redis({ redis: said }, paint) {
  if (!said) return undefined;
  const { url, fault } = said;
  return `Redis${url === null ? '' : ` ${url}`}: ${fault === undefined ? 'answers' : paint('red', fault)}`;
}

/** `4 s`, `5 min 3 s`, `3 h 12 min`, `2 d 4 h`. @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const hours = Math.floor(seconds / 3_600);
  return hours < 48
    ? `${hours} h ${Math.floor((seconds % 3_600) / 60)} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
