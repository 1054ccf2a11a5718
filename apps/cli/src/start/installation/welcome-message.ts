import { getLocalHostAndPort } from '@seguridad-abc/platform';
import { SERVICES, type InstallationSettings, type ServiceName } from '../../shared/installation-settings.js';

const CREATE_RULE = `mutation {
  createRule(input: { userId: "maria", name: "Shop hours", opening: "shop door", opensAt: "08:00", closesAt: "18:00", maxOpenSeconds: 300 }) {
    rule { id name }
  }
}`;
const READ_RULES = '{ user(id: "maria") { rules(first: 10) { totalCount nodes { id name opening } } } }';
const WATCH_HEALTH = 'subscription { heartbeat { name status reason since } }';

/** @param isAuthorized whether to send the variable `A` */
const formatCurl = (url: string, query: string, isAuthorized: boolean) =>
  `curl -s ${url} ${isAuthorized ? '-H "$A" ' : ''}-H 'content-type: application/json' -d '${JSON.stringify({ query: query.replace(/\s+/g, ' ') })}'`;

export interface WelcomeMessageOptions extends Pick<InstallationSettings, 'host' | 'ports'> {
  readonly getPid: (name: ServiceName) => number | undefined;
  /** How long the start took. */
  readonly startMs: number;
  /** Header value of an operator; undefined if none is needed. */
  readonly authorization: string | undefined;
}

/** Formats the message for a user who sees the installation for the first time: addresses, examples, how to stop. */
export function formatWelcomeMessage({
  host,
  ports,
  getPid,
  startMs,
  authorization,
}: WelcomeMessageOptions): string {
  const address = getLocalHostAndPort(host, ports.GATEWAY_PORT);
  const url = `http://${address}/graphql`;
  const isAuthorized = authorization !== undefined;
  const reportsPid = getPid('reports') ?? '?';
  const services = SERVICES.map(({ name, portSetting }) =>
    [`  ${name.padEnd(13)}`, `port ${ports[portSetting].padEnd(5)}`, `pid ${getPid(name) ?? '?'}`].join('  '),
  );
  return `
Ready in ${(startMs / 1000).toFixed(1)} s.

${services.join('\n')}

  GraphQL        ${url}   (in a browser: Apollo Sandbox)
  GraphiQL       http://${address}/graphiql   (in a browser, works offline)
  Subscriptions  ws://${address}/graphql   (graphql-ws)

${formatAuthorization(authorization)}
Create a rule, and read it:

  ${formatCurl(url, CREATE_RULE, isAuthorized)}
  ${formatCurl(url, READ_RULES, isAuthorized)}

See a service go down: open the GraphQL address in a browser, run this subscription, and suspend reports for a few
seconds.

  ${WATCH_HEALTH}
  kill -STOP ${reportsPid}    (continue with kill -CONT ${reportsPid}; after kill -9 it restarts)

Press Ctrl-C to stop.
`;
}

function formatAuthorization(authorization: string | undefined): string {
  if (authorization === undefined)
    return `AUTH=off: every caller is an operator.
`;
  return `Requests need a token. This one is an operator's and is valid for 12 hours (npm run token issues others). Set it for the
commands below. In the Sandbox, put it under Headers: key "authorization", value "Bearer ..." (all after the colon).

  A='authorization: ${authorization}'
`;
}
