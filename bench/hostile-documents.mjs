// Measures what hostile documents cost the main thread of the executor.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  composeSharedSupergraph,
  hostileDocuments,
  sharedSupergraphDocuments,
} from '../packages/executor/tests/hostile/hostile-documents.mjs';
import { readMainThreadCpuMs } from './security/process-usage.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const USAGE = `node bench/hostile-documents.mjs [--checkout FOLDER] [--only NAME]
Prepares each hostile document three times with the limits of the gateway: as an anonymous client, as a client that may run
everything, and as that client again. Prints the CPU time of the main thread in milliseconds for each, and the result.
Needs a build (npm run build) and Linux.
--checkout  measures the build of another checkout, for before and after`;

const { values } = parseArgs({
  options: {
    checkout: { type: 'string', default: ROOT },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
});

/** Imports a module of the measured checkout. @param {string} path @returns {Promise<unknown>} */
const load = (path) => import(pathToFileURL(join(values.checkout, path)).href);

const readCpuMs = () => readMainThreadCpuMs(process.pid);

const refuse = () => {
  throw Object.assign(new Error('anonymous'), { extensions: { code: 'UNAUTHENTICATED' } });
};

async function main() {
  const { createExecutor } = /** @type {typeof import('@seguridad-abc/executor')} */ (
    await load('packages/executor/dist/index.js')
  );
  const { readGatewayConfig, getOperationLimits } =
    /** @type {typeof import('../apps/gateway/src/config.js')} */ (await load('apps/gateway/dist/config.js'));
  const limits = getOperationLimits(readGatewayConfig({ NODE_ENV: 'test' }));
  const ignore = () => undefined;

  /** @param {string} supergraphSdl */
  const start = async (supergraphSdl) => {
    const executor = createExecutor({
      ...limits,
      supergraphSdl,
      createDataSource: () => ({ fetch: () => Promise.reject(new Error('not used')) }),
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    });
    await executor.ready;
    return executor;
  };

  /** Before planning in workers, `prepare` took the function `authorize`. */
  const anonymous = Object.assign(() => refuse(), { authorizeRootFields: refuse, authorize: refuse });

  /**
   * @param {Awaited<ReturnType<typeof start>>} executor @param {{ query: string }} request
   * @param {typeof anonymous} [client]
   */
  const measure = async (executor, request, client) => {
    const startedAt = performance.now();
    const cpuBefore = readCpuMs();
    let result;
    try {
      const prepared = await executor.prepare(request, client);
      if ('errors' in prepared) result = String(prepared.errors[0]?.extensions['code']);
      else result = `cost ${Math.round(prepared.estimateCost())}`;
    } catch (error) {
      const { extensions } = /** @type {{ extensions?: { code?: string } }} */ (error);
      result = extensions?.code ?? String(error);
    }
    return { cpuMs: readCpuMs() - cpuBefore, wallMs: performance.now() - startedAt, result };
  };

  const groups = [
    {
      sdl: readFileSync(join(ROOT, 'supergraph.graphql'), 'utf8'),
      documents: hostileDocuments,
      warmup: '{ viewer { id } }',
    },
    { sdl: composeSharedSupergraph(), documents: sharedSupergraphDocuments, warmup: '{ thing { a } }' },
  ];
  console.log(
    '| document | bytes | anonymous, CPU ms | first, CPU ms | first, wall ms | again, CPU ms | result |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | --- |');
  for (const { sdl, documents, warmup } of groups) {
    const executor = await start(sdl);
    // The code is compiled before it is measured.
    for (let n = 0; n < 300; n += 1) await measure(executor, { query: `query W${n} ${warmup}` });
    for (const { name, ...request } of documents) {
      if (values.only !== undefined && !name.includes(values.only)) continue;
      const refused = await measure(executor, request, anonymous);
      const first = await measure(executor, request);
      const again = await measure(executor, request);
      const cells = [
        ...[name, Buffer.byteLength(request.query), refused.cpuMs.toFixed(1), first.cpuMs.toFixed(1)],
        ...[first.wallMs.toFixed(0), again.cpuMs.toFixed(1), first.result],
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
    await executor.close();
  }
}

if (values.help === true) console.log(USAGE);
else await main();
