import { localAddress } from './settings.mjs';

const CREATE = `mutation {
  createRule(input: { userId: "maria", name: "Shop hours", opening: "shop door", opensAt: "08:00", closesAt: "18:00", maxOpenSeconds: 300 }) {
    rule { id name }
  }
}`;
const READ = '{ user(id: "maria") { rules(first: 10) { totalCount nodes { id name opening } } } }';
const WATCH = 'subscription { heartbeat { name status reason since } }';

/** @param {string} url @param {string} query */
const curl = (url, query) =>
  `curl -s ${url} -H 'content-type: application/json' -d '${JSON.stringify({ query: query.replace(/\s+/g, ' ') })}'`;

/**
 * What someone who sees the installation for the first time can do with it.
 *
 * @param {object} options
 * @param {string} options.host
 * @param {Readonly<Record<string, string>>} options.ports
 * @param {(name: string) => number | undefined} options.pidOf
 * @param {number} options.tookMs
 */
export function welcome({ host, ports, pidOf, tookMs }) {
  const address = localAddress(host, ports['GATEWAY_PORT'] ?? '');
  const url = `http://${address}/graphql`;
  const reports = pidOf('reports') ?? '?';
  return `
Ready in ${(tookMs / 1000).toFixed(1)} s.

  GraphQL        ${url}   (in a browser: Apollo Sandbox)
  GraphiQL       http://${address}/graphiql   (in a browser, without internet)
  Subscriptions  ws://${address}/graphql   (graphql-ws)

Create a rule, and read it back:

  ${curl(url, CREATE)}
  ${curl(url, READ)}

See a service go down: open the GraphQL address in a browser, start this there, and hold reports still for a while.

  ${WATCH}
  kill -STOP ${reports}    (on again with kill -CONT ${reports}; killed, it is started again)

Stop with Ctrl-C.
`;
}
