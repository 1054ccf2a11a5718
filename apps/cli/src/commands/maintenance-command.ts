import { getLocalHostAndPort, runWithTimeout } from '@seguridad-abc/platform/installation';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { formatHelpHint } from '../command-line/option-values.js';
import { parsePeriodEnd } from '../command-line/period-end.js';
import { escapeControlCharacters } from '../shared/control-characters.js';
import {
  describeFetchError,
  EXIT_CODES,
  UnreachableError,
  UsageError,
  UserFacingError,
} from '../shared/errors.js';
import { getInstallationHeaders, type HttpHeaders } from '../shared/identity.js';
import { readServiceReadiness, sendServiceRequest } from '../shared/service-requests.js';

const HELP_HINT = formatHelpHint('maintenance');

/** `npm run maintenance`. */
export const createMaintenanceCommand = defineCommand({
  command: 'maintenance [service] [action]',
  describe: `Starts or ends the maintenance of a service. Without arguments it lists the services in maintenance.

Until maintenance ends, every client sees the service as MAINTENANCE, whatever its processes do, and the time counts neither as up nor as down. It continues after a restart of heartbeat, which must run.

Exit codes: 0 success; 1 the request was refused; 2 wrong usage, or heartbeat does not answer.`,
  isReadOnly: false,
  examples: [
    ['npm run maintenance -- reports on --reason "new disk" --until 2h', ''],
    ['npm run maintenance -- reports off', ''],
  ],
  builder: (yargs) =>
    yargs
      .positional('service', { type: 'string', describe: 'Name of the service' })
      .positional('action', { type: 'string', describe: 'on starts maintenance, off ends it' })
      .option('reason', { type: 'string', requiresArg: true, describe: 'Shown to clients; on needs it' })
      .option('until', {
        type: 'string',
        requiresArg: true,
        describe:
          'When it ends automatically: a time such as 2026-01-31T08:00:00-05:00, or a duration from now: 90m, 2h, 3d',
      }),
  options: z.object({
    service: z.string().optional(),
    action: z.string().optional(),
    reason: z.string().optional(),
    until: z.string().optional(),
  }),
  async run({ service, action, reason, until }, { settings, signal, print }) {
    const client = createMaintenanceClient(
      `http://${getLocalHostAndPort(settings.host, settings.ports.HEARTBEAT_PORT)}`,
      getInstallationHeaders(settings),
      signal,
    );
    if (service === undefined) {
      const periods = await client.list();
      print(periods.map(formatMaintenance).join('\n') || 'No service is in maintenance.');
    } else if (action === 'on') {
      if (reason === undefined) throw new UsageError(`The action on needs --reason TEXT. ${HELP_HINT}`);
      const end = parsePeriodEnd(until, Date.now());
      print(formatMaintenance(await client.begin(service, { reason, until: end })));
    } else if (action === 'off') {
      if (until !== undefined) throw new UsageError('The action off takes no --until: it ends at once.');
      await client.end(service);
      print(`${service} is no longer in maintenance.`);
    } else {
      throw new UsageError(
        action === undefined
          ? `Say what to do with ${service}: on or off. ${HELP_HINT}`
          : `The action must be on or off (it is "${action}"). ${HELP_HINT}`,
      );
    }
    return EXIT_CODES.success;
  },
});

const maintenancePeriodSchema = z.object({
  service: z.string(),
  reason: z.string(),
  since: z.string(),
  until: z.string().nullable(),
});
type MaintenancePeriod = z.infer<typeof maintenancePeriodSchema>;

const maintenanceListSchema = z.object({ maintenance: z.array(maintenancePeriodSchema) });
const errorsSchema = z.object({ errors: z.array(z.object({ message: z.string() })) });

interface MaintenanceClient {
  list(): Promise<readonly MaintenancePeriod[]>;
  begin(
    service: string,
    input: { readonly reason: string; readonly until: string | undefined },
  ): Promise<MaintenancePeriod>;
  end(service: string): Promise<MaintenancePeriod>;
}

const formatMaintenance = ({ service, reason, since, until }: MaintenancePeriod) =>
  escapeControlCharacters(
    `${service} is in maintenance since ${since}${until === null ? '' : `, until ${until}`}: ${reason}`,
  );

const REQUEST_TIMEOUT_MS = 10_000;
/** As `GET /ready` reports it. */
const SERVICE_NAME = 'heartbeat';

/**
 * Creates a client of heartbeat's HTTP routes for maintenance. Its methods throw a {@link UserFacingError} if heartbeat
 * refuses the request, and an {@link UnreachableError} if it does not answer.
 * @param origin of heartbeat
 */
function createMaintenanceClient(
  origin: string,
  installationHeaders: HttpHeaders,
  signal: AbortSignal,
): MaintenanceClient {
  const headers = { ...installationHeaders, 'content-type': 'application/json', accept: 'application/json' };

  const send = async <Body>(
    schema: z.ZodType<Body>,
    method: string,
    path: string,
    body?: object,
  ): Promise<Body> => {
    const request = async (limit: AbortSignal) => {
      // Another program may use the port. It must not get the installation secret.
      const readiness = await readServiceReadiness(origin, { signal: limit });
      if (readiness?.service !== SERVICE_NAME) throw createWrongServerError(origin);
      const response = await sendServiceRequest(`${origin}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
        signal: limit,
      });
      return { status: response.status, text: await response.text() };
    };
    let answer: Awaited<ReturnType<typeof request>>;
    try {
      answer = await runWithTimeout(REQUEST_TIMEOUT_MS, signal, request);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UnreachableError) throw error;
      throw new UnreachableError(
        `${origin} does not answer (${describeFetchError(error)}): start it with npm start.`,
      );
    }
    const { status, text } = answer;
    const responseBody = parseJson(text);
    if (status >= 400 && responseBody !== undefined) {
      throw new UserFacingError(
        getErrorMessages(responseBody) ?? `Heartbeat refuses the request with status ${status}.`,
      );
    }
    const parsed = schema.safeParse(responseBody);
    if (status >= 300 || !parsed.success) throw createWrongServerError(origin);
    return parsed.data;
  };
  const toPath = (service: string) => `/maintenance/${encodeURIComponent(service)}`;

  return {
    list: async () => (await send(maintenanceListSchema, 'GET', '/maintenance')).maintenance,
    begin: (service, input) => send(maintenancePeriodSchema, 'PUT', toPath(service), input),
    end: (service) => send(maintenancePeriodSchema, 'DELETE', toPath(service)),
  };
}

const createWrongServerError = (origin: string) =>
  new UnreachableError(`${origin} does not answer as heartbeat does: correct HOST and HEARTBEAT_PORT.`);

/** @returns undefined if the text is not JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The messages of the errors in a response. */
function getErrorMessages(body: unknown): string | undefined {
  const parsed = errorsSchema.safeParse(body);
  return parsed.data?.errors.map(({ message }) => message).join('\n');
}
