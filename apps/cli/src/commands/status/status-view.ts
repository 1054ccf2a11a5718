import { formatDuration } from '../../command-line/progress.js';
import { formatTable, getStatusStyle, type StyleText } from '../../command-line/terminal.js';
import { escapeControlCharacters } from '../../shared/control-characters.js';
import { describeTimeZoneData } from '../../shared/time-zone-data.js';
import type { InstallationStatus } from './installation-status.js';
import { formatProcessFigures } from './process-figures.js';

const HEALTH_COLUMNS = ['service', 'status', 'since', 'last beat', 'instances', 'reason'].map((title) => ({
  title,
}));
const FIGURE_COLUMNS = ['process', 'figures'].map((title) => ({ title }));
const PROCESS_COLUMNS = ['process', 'ready', 'address', 'checks'].map((title) => ({ title }));

/** Formats a status for a terminal. */
export const formatInstallationStatus = (status: InstallationStatus, style: StyleText): string =>
  [
    formatHealth(status, style),
    formatProcesses(status, style),
    formatFigures(status),
    formatRedis(status, style),
    formatTimeZoneData(status),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');

function formatHealth({ services, healthFault = '', at }: InstallationStatus, style: StyleText): string {
  if (!services) return `Health is not known: ${style('red', escapeControlCharacters(healthFault))}`;
  const formatAge = (instant: string) => formatDuration(Date.parse(at) - Date.parse(instant));
  const rows = services.map(({ name, status, since, lastBeatAt, instances, reason }) => [
    name,
    status,
    formatAge(since),
    lastBeatAt === null ? 'never' : `${formatAge(lastBeatAt)} ago`,
    String(instances.length),
    reason,
  ]);
  return formatTable(HEALTH_COLUMNS, rows, (text, row, column) => {
    const status = services[row]?.status;
    return column === 1 && status !== undefined ? style(getStatusStyle(status), text) : text;
  });
}

function formatProcesses({ processes }: InstallationStatus, style: StyleText): string | undefined {
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

function formatFigures({ processes }: InstallationStatus): string | undefined {
  const rows = processes.flatMap(({ name, figures }) =>
    figures ? [[name, formatProcessFigures(figures)]] : [],
  );
  return rows.length === 0 ? undefined : formatTable(FIGURE_COLUMNS, rows);
}

function formatRedis({ redis }: InstallationStatus, style: StyleText): string | undefined {
  if (!redis) return undefined;
  const { url, fault } = redis;
  const answer = fault === undefined ? 'answers' : style('red', escapeControlCharacters(fault));
  return `Redis${url === null ? '' : ` ${url}`}: ${answer}`;
}

/** The services that convert local times report the version of their data. */
function formatTimeZoneData({ processes }: InstallationStatus): string | undefined {
  const reported = processes.flatMap(({ name, checks: { timeZoneData } }) =>
    timeZoneData === undefined ? [] : [{ name, version: String(timeZoneData) }],
  );
  const versions = [...new Set(reported.map(({ version }) => version))].sort();
  const [oldest] = versions;
  if (oldest === undefined) return undefined;
  const difference = reported.map(({ name, version }) => `${name} has ${version}`).join(', ');
  return escapeControlCharacters(
    versions.length === 1
      ? describeTimeZoneData(oldest)
      : `${describeTimeZoneData(oldest)} The services differ: ${difference}. Run all with the same Node.js.`,
  );
}
