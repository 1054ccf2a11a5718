import { getLocalHostAndPort } from '@seguridad-abc/platform/installation';
import { SERVICES, type InstallationSettings, type ServiceName } from '../../shared/installation-settings.js';
import { describeTimeZoneData } from '../../shared/time-zone-data.js';

/** The first two examples of README.md: a user may go on with either. */
const CREATE_RULE =
  'mutation { createRule(input: { name: "Shop door by day", opening: "Shop door", opensAt: "08:00", closesAt: "18:00", maxOpenSeconds: 300 }) { rule { id version } } }';
const READ_RULES =
  '{ viewer { rules { totalCount nodes { name opening opensAt closesAt timeZone maxOpenSeconds } } } }';
const WATCH_HEALTH = 'subscription { heartbeat { name status reason since } }';

/** @param isAuthorized whether to send the variable `A` */
const formatCurl = (url: string, query: string, isAuthorized: boolean) =>
  `curl -s -w '\\n' ${url} ${isAuthorized ? '-H "$A" ' : ''}-H 'content-type: application/json' -d '${JSON.stringify({ query })}'`;

export interface WelcomeMessageOptions {
  readonly settings: Pick<
    InstallationSettings,
    'host' | 'ports' | 'identity' | 'isProduction' | 'hasConsole'
  >;
  readonly getPid: (name: ServiceName) => number | undefined;
  /** How long the start took. */
  readonly startMs: number;
  /** The version of the time zone data of the services, which is that of this process. */
  readonly timeZoneData: string;
  /** A link with which a browser signs in once; undefined if there is none. */
  readonly signInUrl: string | undefined;
}

/**
 * Formats the message for a user who sees the installation for the first time: addresses, examples, how to stop. It contains no
 * token: terminals keep and share their output.
 */
export function formatWelcomeMessage({
  settings: { host, ports, identity, isProduction, hasConsole },
  getPid,
  startMs,
  timeZoneData,
  signInUrl,
}: WelcomeMessageOptions): string {
  const address = getLocalHostAndPort(host, ports.GATEWAY_PORT);
  const url = `http://${address}/graphql`;
  const reportsPid = getPid('reports') ?? '?';
  const services = SERVICES.map(({ name, portSetting }) =>
    [`  ${name.padEnd(13)}`, `port ${ports[portSetting].padEnd(5)}`, `pid ${getPid(name) ?? '?'}`].join('  '),
  );
  const addresses = [
    ...(hasConsole ? [`  Console        http://${address}/   (in a browser)`] : []),
    `  GraphQL        ${url}${isProduction ? '' : '   (in a browser: Apollo Sandbox)'}`,
    ...(isProduction ? [] : [`  GraphiQL       http://${address}/graphiql   (in a browser, works offline)`]),
    `  Subscriptions  ws://${address}/graphql   (graphql-ws)`,
  ];
  return `
Ready in ${(startMs / 1000).toFixed(1)} s.

${services.join('\n')}

${addresses.join('\n')}

${describeTimeZoneData(timeZoneData)}

${signInUrl === undefined ? '' : formatSignIn(signInUrl)}${formatAuthorization(identity)}
Create a rule, and read it:

  ${formatCurl(url, CREATE_RULE, identity.required)}
  ${formatCurl(url, READ_RULES, identity.required)}

Rules with several windows, holidays and exceptions: see docs/rule-examples.md.

See a service go down: ${isProduction ? '' : 'open GraphiQL, '}run this subscription, and suspend reports for 15 seconds: LATE after 4, DOWN after 10.

  ${WATCH_HEALTH}
  kill -STOP ${reportsPid}    (continue with kill -CONT ${reportsPid}; after kill -9 it restarts)

Press Ctrl-C to stop.
`;
}

const formatSignIn = (
  url: string,
) => `Sign in to the console and GraphiQL as an operator: open this link. It works once, within 10 minutes; npm run -s sign-in prints another.

  ${url}

`;

function formatAuthorization({ required, issuer }: InstallationSettings['identity']): string {
  if (!required)
    return `AUTH=off: every caller is an operator.
`;
  if (issuer !== undefined) {
    return `Requests need a token of ${issuer}. Set one for the commands below:

  A='authorization: Bearer <token>'
`;
  }
  return `Requests need a token. For the commands below, in the folder of the project:

  A="authorization: Bearer $(npm run -s token -- --user ana --role customer)"
`;
}
