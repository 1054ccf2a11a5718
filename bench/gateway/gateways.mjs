import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AUDIENCE, ISSUER } from './lib/caller-tokens.mjs';

/** @param {string} path relative to this file */
const resolvePath = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @typedef {object} BenchGateway
 * @property {string} title
 * @property {(environment: GatewayEnvironment) => readonly string[]} createArguments arguments of Node
 * @property {(environment: GatewayEnvironment) => Record<string, string>} [createEnv]
 * @property {string} path of its GraphQL endpoint
 * @property {boolean} [onlyForwards] supports only the workload with a single fetch
 */

/** @typedef {{ port: number, supergraph: string, jwksUrl: string, dataDir: string, collectorUrl: string }} GatewayEnvironment */

/**
 * The compared gateways by name, each with its fastest documented settings. All pass the authorization header to subgraphs.
 * @type {Record<string, BenchGateway>}
 */
export const gateways = {
  ours: {
    title: 'ours, apps/gateway with all features',
    createArguments: () => [resolvePath('../../apps/gateway/dist/main.js')],
    createEnv: createGatewayEnv,
    path: '/graphql',
  },
  baseline: {
    title: 'ours, as built in the checkout BENCH_BASELINE',
    createArguments: () => [join(process.env['BENCH_BASELINE'] ?? '', 'apps/gateway/dist/main.js')],
    createEnv: createGatewayEnv,
    path: '/graphql',
  },
  traced: {
    title: 'ours, with every trace exported',
    createArguments: () => [resolvePath('../../apps/gateway/dist/main.js')],
    createEnv: (environment) => ({
      ...createGatewayEnv(environment),
      OTEL_EXPORTER_OTLP_ENDPOINT: environment.collectorUrl,
    }),
    path: '/graphql',
  },
  sampled: {
    title: 'ours, with one trace in 100 exported',
    createArguments: () => [resolvePath('../../apps/gateway/dist/main.js')],
    createEnv: (environment) => ({
      ...createGatewayEnv(environment),
      OTEL_EXPORTER_OTLP_ENDPOINT: environment.collectorUrl,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.01',
    }),
    path: '/graphql',
  },
  executor: {
    title: 'ours, packages/executor behind node:http',
    createArguments: () => [resolvePath('peers/executor.mjs')],
    path: '/graphql',
  },
  stock: {
    title: '@apollo/server and @apollo/gateway',
    createArguments: () => [resolvePath('peers/stock.mjs')],
    createEnv: () => ({ APOLLO_TELEMETRY_DISABLED: 'true' }),
    path: '/',
  },
  hive: {
    title: 'Hive Gateway',
    createArguments: createHiveArguments,
    path: '/graphql',
  },
  'hive-rust': {
    title: 'Hive Gateway with its Rust planner',
    createArguments: (environment) => [...createHiveArguments(environment), '--hive-router-runtime'],
    path: '/graphql',
  },
  mercurius: {
    title: 'Mercurius gateway with JIT',
    createArguments: () => [resolvePath('peers/mercurius.mjs')],
    path: '/graphql',
  },
  proxy: {
    title: 'a proxy that only forwards requests',
    createArguments: () => [resolvePath('peers/proxy.mjs')],
    path: '/graphql',
    onlyForwards: true,
  },
};

/** @param {GatewayEnvironment} environment @returns {Record<string, string>} */
function createGatewayEnv({ port, supergraph, jwksUrl, dataDir }) {
  return {
    GATEWAY_PORT: String(port),
    SUPERGRAPH: supergraph,
    DATA_DIR: dataDir,
    AUTH_JWKS_URL: jwksUrl,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    LOG_LEVEL: 'error',
  };
}

/** @param {GatewayEnvironment} environment @returns {readonly string[]} */
function createHiveArguments({ port, supergraph }) {
  return [
    ...[resolvePath('node_modules/@graphql-hive/gateway/dist/bin.js'), 'supergraph', supergraph],
    ...['--port', String(port), '--host', '127.0.0.1', '--fork', '1'],
    ...['--config-path', resolvePath('peers/hive.config.mjs')],
  ];
}
