import { localAddress } from './settings.mjs';

const CREATE = `mutation {
  createRule(input: { userId: "maria", name: "Shop hours", opening: "shop door", opensAt: "08:00", closesAt: "18:00", maxOpenSeconds: 300 }) {
    rule { id name }
  }
}`;
const READ = '{ user(id: "maria") { rules(first: 10) { totalCount nodes { id name opening } } } }';
const WATCH = 'subscription { heartbeat { name status reason since } }';

/** @param {string} url @param {string} query @param {boolean} isKnown whether it says who asks */
const curl = (url, query, isKnown) =>
  `curl -s ${url} ${isKnown ? '-H "$A" ' : ''}-H 'content-type: application/json' -d '${JSON.stringify({ query: query.replace(/\s+/g, ' ') })}'`;

/**
 * What someone who sees the installation for the first time can do with it.
 *
 * @param {object} options
 * @param {string} options.host
 * @param {Readonly<Record<string, string>>} options.ports
 * @param {(name: string) => number | undefined} options.pidOf
 * @param {number} options.tookMs
 * @param {string | undefined} options.authorization of an operator, where one is needed
 */
export function welcome({ host, ports, pidOf, tookMs, authorization }) {
  const address = localAddress(host, ports['GATEWAY_PORT'] ?? '');
  const url = `http://${address}/graphql`;
  const reports = pidOf('reports') ?? '?';
  return `
Ready in ${(tookMs / 1000).toFixed(1)} s.

  GraphQL        ${url}   (in a browser: Apollo Sandbox)
  GraphiQL       http://${address}/graphiql   (in a browser, without internet)
  Subscriptions  ws://${address}/graphql   (graphql-ws)

${introduction(authorization)}
Create a rule, and read it back:

  ${curl(url, CREATE, authorization !== undefined)}
  ${curl(url, READ, authorization !== undefined)}

See a service go down: open the GraphQL address in a browser, start this there, and hold reports still for a while.

  ${WATCH}
  kill -STOP ${reports}    (on again with kill -CONT ${reports}; killed, it is started again)

Stop with Ctrl-C.
`;
}

/**
 * Who it is that asks, in one line to copy.
 *
 * @param {string | undefined} authorization
 */
function introduction(authorization) {
  if (authorization === undefined)
    return `Everybody is an operator here, since AUTH=off.
`;
  return `Who asks, for twelve hours (npm run token makes others): in Sandbox, under Headers, and for the commands below

  A='authorization: ${authorization}'
`;
}
