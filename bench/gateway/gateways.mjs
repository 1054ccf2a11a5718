import { fileURLToPath } from 'node:url';
import { AUDIENCE, ISSUER } from './lib/tokens.mjs';

/** @param {string} path from here */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

const HIVE = [file('node_modules/@graphql-hive/gateway/dist/bin.js'), 'supergraph'];

/**
 * @typedef {object} Gateway
 * @property {string} title
 * @property {(place: Place) => readonly string[]} args of Node
 * @property {(place: Place) => Record<string, string>} [env]
 * @property {string} path of its GraphQL endpoint
 * @property {boolean} [onlyForwards] answers one fetch only
 */

/** @typedef {{ port: number, supergraph: string, jwksUrl: string, dataDir: string }} Place */

/** Each at the best setting that it documents; all pass the authorization header on. @type {Record<string, Gateway>} */
export const gateways = {
  ours: {
    title: 'ours, apps/gateway with all features',
    args: () => [file('../../apps/gateway/dist/main.js')],
    env: ({ port, supergraph, jwksUrl, dataDir }) => ({
      GATEWAY_PORT: String(port),
      SUPERGRAPH: supergraph,
      DATA_DIR: dataDir,
      AUTH_JWKS_URL: jwksUrl,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      LOG_LEVEL: 'error',
    }),
    path: '/graphql',
  },
  executor: {
    title: 'ours, packages/executor behind node:http',
    args: () => [file('peers/executor.mjs')],
    path: '/graphql',
  },
  stock: {
    title: '@apollo/server and @apollo/gateway',
    args: () => [file('peers/stock.mjs')],
    env: () => ({ APOLLO_TELEMETRY_DISABLED: 'true' }),
    path: '/',
  },
  hive: {
    title: 'Hive Gateway',
    args: ({ port, supergraph }) => [...HIVE, supergraph, ...hiveOptions(port)],
    path: '/graphql',
  },
  'hive-rust': {
    title: 'Hive Gateway with its Rust planner',
    args: ({ port, supergraph }) => [...HIVE, supergraph, ...hiveOptions(port), '--hive-router-runtime'],
    path: '/graphql',
  },
  mercurius: {
    title: 'Mercurius gateway with JIT',
    args: () => [file('peers/mercurius.mjs')],
    path: '/graphql',
  },
  proxy: {
    title: 'a proxy that only forwards',
    args: () => [file('peers/proxy.mjs')],
    path: '/graphql',
    onlyForwards: true,
  },
};

/** @param {number} port */
const hiveOptions = (port) => [
  ...['--port', String(port), '--host', '127.0.0.1', '--fork', '1'],
  ...['--config-path', file('peers/hive.config.mjs')],
];
