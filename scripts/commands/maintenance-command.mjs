import { runTool } from '../cli/run-tool.mjs';
import {
  describeFetchError,
  EXIT_CODES,
  UnreachableError,
  UsageError,
  UserFacingError,
} from '../shared/errors.mjs';
import { getInstallationHeaders } from '../shared/identity.mjs';
import { toReachableAddress } from '../shared/installation-settings.mjs';

const usage = `npm run maintenance -- SERVICE on --reason TEXT [--until T]
npm run maintenance -- SERVICE off
npm run maintenance

Starts or ends the maintenance of a service. Until it ends, every client sees the service as MAINTENANCE, whatever its
processes do, and the time counts neither as up nor as down. It continues after a restart of heartbeat. Without arguments
the command lists the services in maintenance.

  --reason TEXT   shown to clients: 1 to 500 characters
  --until T       when it ends automatically: a time such as 2026-01-31T08:00:00-05:00, or a duration from now: 90m, 2h,
                  3d; at most 400 days

Heartbeat is reached at HOST and HEARTBEAT_PORT, from the environment or .env.

Exit codes: 0 success; 1 the request was refused; 2 wrong usage, or heartbeat does not answer.`;

const options = /** @type {const} */ ({ reason: { type: 'string' }, until: { type: 'string' } });

/** @param {string[]} args */
export const runMaintenanceCommand = (args) =>
  runTool({ usage, options, positionals: args.length === 0 ? 0 : 2, run }, args);

/** @param {import('../cli/run-tool.mjs').ToolContext<typeof options>} context */
async function run({ values: { reason, until }, positionals: [service, action], settings, signal }) {
  const address = toReachableAddress(settings.host, settings.ports['HEARTBEAT_PORT'] ?? '');
  const client = createMaintenanceClient(`http://${address}`, {
    installationHeaders: await getInstallationHeaders(settings),
    signal,
  });
  if (service === undefined) {
    const periods = await client.list();
    console.log(periods.map(formatMaintenance).join('\n') || 'No service is in maintenance.');
  } else if (action === 'on') {
    if (reason === undefined) throw new UsageError('The action on needs --reason TEXT. See --help.');
    const end = parseMaintenanceEnd(until, Date.now());
    console.log(formatMaintenance(await client.begin(service, { reason, until: end })));
  } else if (action === 'off') {
    if (until !== undefined) throw new UsageError('The action off takes no --until: it ends at once.');
    await client.end(service);
    console.log(`${service} is no longer in maintenance.`);
  } else {
    throw new UsageError(`The action must be on or off (it is "${action ?? ''}"). See --help.`);
  }
  return EXIT_CODES.success;
}

const MS_PER_UNIT = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION_PATTERN = /^(\d{1,8}(?:\.\d{1,3})?)(s|m|h|d)$/;

/**
 * Converts the value of `--until` to a time.
 *
 * @param {string | undefined} text a duration from now such as `90m`, `2h` or `3d`, or a time
 * @param {number} now ms since 1970
 * @returns {string | undefined} a time; any text that is no duration is returned unchanged, for heartbeat to validate
 */
export function parseMaintenanceEnd(text, now) {
  const [, number, unit] = DURATION_PATTERN.exec(text ?? '') ?? [];
  if (unit === undefined) return text;
  const durationMs = Number(number) * MS_PER_UNIT[/** @type {keyof typeof MS_PER_UNIT} */ (unit)];
  return new Date(now + durationMs).toISOString();
}

/**
 * @typedef {{ service: string, reason: string, since: string, until: string | null }} MaintenancePeriod
 *
 * @typedef {object} MaintenanceClient
 * @property {() => Promise<readonly MaintenancePeriod[]>} list
 * @property {(service: string, input: { reason: string, until: string | undefined }) => Promise<MaintenancePeriod>} begin
 * @property {(service: string) => Promise<MaintenancePeriod>} end
 */

/** @param {MaintenancePeriod} period */
const formatMaintenance = ({ service, reason, since, until }) =>
  `${service} is in maintenance since ${since}${until === null ? '' : `, until ${until}`}: ${reason}`;

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Creates a client of heartbeat's HTTP routes for maintenance. Its methods throw a {@link UserFacingError} if heartbeat
 * refuses the request, and an {@link UnreachableError} if it does not answer.
 *
 * @param {string} origin of heartbeat
 * @param {{ installationHeaders: import('../shared/identity.mjs').HttpHeaders, signal: AbortSignal }} options
 * @returns {MaintenanceClient}
 */
function createMaintenanceClient(origin, { installationHeaders, signal }) {
  const headers = { ...installationHeaders, 'content-type': 'application/json', accept: 'application/json' };

  /** @param {string} method @param {string} path @param {object} [body] */
  const send = async (method, path, body) => {
    /** @type {unknown} */
    let responseBody;
    let status;
    try {
      const response = await fetch(`${origin}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      ({ status } = response);
      responseBody = await response.json();
    } catch (error) {
      signal.throwIfAborted();
      if (status !== undefined) {
        throw new UnreachableError(
          `${origin} answers with status ${status} and without JSON: correct HOST and HEARTBEAT_PORT.`,
        );
      }
      throw new UnreachableError(
        `${origin} does not answer (${describeFetchError(error)}): start it with npm start.`,
      );
    }
    if (status >= 400) {
      throw new UserFacingError(
        getErrorMessages(responseBody) ?? `Heartbeat refuses the request with status ${status}.`,
      );
    }
    return responseBody;
  };
  const toPath = (/** @type {string} */ service) => `/maintenance/${encodeURIComponent(service)}`;

  return {
    async list() {
      const body = await send('GET', '/maintenance');
      return /** @type {{ maintenance: MaintenancePeriod[] }} */ (body).maintenance;
    },
    begin: async (service, input) =>
      /** @type {MaintenancePeriod} */ (await send('PUT', toPath(service), input)),
    end: async (service) => /** @type {MaintenancePeriod} */ (await send('DELETE', toPath(service))),
  };
}

/** @param {unknown} body @returns {string | undefined} the messages of its errors */
function getErrorMessages(body) {
  const { errors } = /** @type {{ errors?: { message: string }[] }} */ (body ?? {});
  return errors?.map(({ message }) => message).join('\n');
}
