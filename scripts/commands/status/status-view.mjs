import { formatTable, getStatusStyle } from '../../cli/terminal.mjs';

/** @typedef {import('./installation-status.mjs').InstallationStatus} InstallationStatus */
/** @typedef {(style: import('../../cli/terminal.mjs').TextStyle, text: string) => string} StyleText */

const HEALTH_COLUMNS = ['service', 'status', 'since', 'last beat', 'instances', 'reason'].map((title) => ({
  title,
}));
const PROCESS_COLUMNS = ['process', 'ready', 'address', 'checks'].map((title) => ({ title }));

/** Formats a status for a terminal. @param {InstallationStatus} status @param {StyleText} style */
export const formatInstallationStatus = (status, style) =>
  [formatHealth(status, style), formatProcesses(status, style), formatRedis(status, style)]
    .filter((part) => part !== undefined)
    .join('\n\n');

/** @param {InstallationStatus} status @param {StyleText} style */
function formatHealth({ services, healthFault = '', at }, style) {
  if (!services) return `Health is not known: ${style('red', healthFault)}`;
  const formatAge = (/** @type {string} */ instant) => formatDuration(Date.parse(at) - Date.parse(instant));
  const rows = services.map(({ name, status, since, lastBeatAt, instances, reason }) => [
    name,
    status,
    formatAge(since),
    lastBeatAt === null ? 'never' : `${formatAge(lastBeatAt)} ago`,
    String(instances.length),
    reason,
  ]);
  return formatTable(HEALTH_COLUMNS, rows, (text, _row, column) =>
    column === 1 ? style(getStatusStyle(text.trimEnd()), text) : text,
  );
}

/** @param {InstallationStatus} status @param {StyleText} style */
function formatProcesses({ processes }, style) {
  if (processes.length === 0) return undefined;
  const rows = processes.map(({ name, ready, address, checks, fault }) => [
    name,
    ready ? 'yes' : 'no',
    address,
    fault ??
      Object.entries(checks)
        .map(([check, value]) => `${check}=${value}`)
        .join(' '),
  ]);
  return formatTable(PROCESS_COLUMNS, rows, (text, row, column) =>
    column === 1 ? style(processes[row]?.ready ? 'green' : 'red', text) : text,
  );
}

/** @param {InstallationStatus} status @param {StyleText} style */
function formatRedis({ redis }, style) {
  if (!redis) return undefined;
  const { url, fault } = redis;
  return `Redis${url === null ? '' : ` ${url}`}: ${fault === undefined ? 'answers' : style('red', fault)}`;
}

/** Formats a duration in its two largest units, such as `4 s`, `5 min 3 s`, `2 d 4 h`. @param {number} ms */
export function formatDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const hours = Math.floor(seconds / 3_600);
  return hours < 48
    ? `${hours} h ${Math.floor((seconds % 3_600) / 60)} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
