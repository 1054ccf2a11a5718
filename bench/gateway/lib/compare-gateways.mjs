import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gateways } from '../gateways.mjs';
import { composeSupergraph, SUBGRAPH_NAMES } from '../subgraphs/compose.mjs';
import { workloads } from '../workloads.mjs';
import { createCallerTokens } from './caller-tokens.mjs';
import { createReferenceExecutor, findWrongResponses } from './check-responses.mjs';
import { startChildProcess } from './child-process.mjs';
import { formatReport } from './format-report.mjs';
import { measureSteadyLoad } from './measure-steady-load.mjs';
import { measureWorkload } from './measure-workload.mjs';

const SUBGRAPHS = fileURLToPath(new URL('../subgraphs/serve.mjs', import.meta.url));
const COLLECTOR = fileURLToPath(new URL('../peers/collector.mjs', import.meta.url));
const FIRST_PORT = 4_700;

/** @typedef {import('./measure-workload.mjs').RunningGateway & { correctWorkloads: ReadonlySet<string> }} CheckedGateway */

/**
 * Starts subgraphs and gateways, checks the responses of each gateway, and measures the workloads that it answers correctly.
 * Prints the results.
 * @param {object} options
 * @param {number} options.rounds
 * @param {number} options.scale factor for the number of requests in each round
 * @param {readonly string[]} options.names of gateways
 * @param {string | undefined} options.only part of a workload's name
 * @param {readonly number[]} options.delays of the subgraphs, in milliseconds
 * @param {boolean} options.steady measures a steady load beside new documents instead of all workloads
 * @returns {Promise<boolean>} whether every gateway started and responded correctly
 */
export async function compareGateways({ rounds, scale, names, only, delays, steady }) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gateway-'));
  /** @type {(() => unknown)[]} */
  const closers = [() => rm(folder, { recursive: true, force: true })];
  try {
    const getSubgraphUrl = (/** @type {string} */ name) => `http://127.0.0.1:${FIRST_PORT}/${name}`;
    const supergraphSdl = composeSupergraph(getSubgraphUrl);
    const supergraph = join(folder, 'supergraph.graphql');
    await writeFile(supergraph, supergraphSdl);
    const subgraphs = await startChildProcess([SUBGRAPHS], { port: FIRST_PORT });
    closers.unshift(subgraphs.stop);
    const tokens = await createCallerTokens(FIRST_PORT + 1);
    closers.unshift(tokens.close);
    const { getAuthorization } = tokens;
    const collectorPort = FIRST_PORT + 2;
    const collector = await startChildProcess([COLLECTOR], { port: collectorPort });
    closers.unshift(collector.stop);
    const collectorUrl = `http://127.0.0.1:${collectorPort}`;
    const executeReference = createReferenceExecutor(supergraphSdl);

    let isAllCorrect = true;
    /** @type {CheckedGateway[]} */
    const running = [];
    for (const [index, name] of names.entries()) {
      const gateway = gateways[name];
      if (!gateway) {
        throw new Error(`There is no gateway "${name}". Choose from ${Object.keys(gateways).join(', ')}.`);
      }
      const { path, title, onlyForwards = false } = gateway;
      const port = FIRST_PORT + 10 + index;
      const environment = { port, supergraph, jwksUrl: tokens.jwksUrl, dataDir: folder, collectorUrl };
      try {
        const services = SUBGRAPH_NAMES.map((each) => ({ name: each, url: getSubgraphUrl(each) }));
        const env = {
          SUPERGRAPH: supergraph,
          SUBGRAPHS: JSON.stringify(services),
          ...gateway.createEnv?.(environment),
        };
        const child = await startChildProcess(gateway.createArguments(environment), { port, env });
        closers.unshift(child.stop);
        const url = `http://127.0.0.1:${port}${path}`;
        const supported = onlyForwards ? workloads.slice(0, 1) : workloads;
        const { generalError, errors } = await findWrongResponses({
          url,
          workloads: supported,
          executeReference,
          getAuthorization,
        });
        const isCorrect = generalError === undefined && errors.size === 0;
        console.log(`${name.padEnd(12)}${title}: ${isCorrect ? 'correct' : 'WRONG RESPONSES'}`);
        if (generalError !== undefined) console.log(`  ${generalError}`);
        for (const [workload, error] of errors) console.log(`  ${workload}: ${error}`);
        const correct =
          generalError === undefined ? supported.filter((workload) => !errors.has(workload.name)) : [];
        running.push({
          name,
          url,
          readCpu: child.readCpu,
          correctWorkloads: new Set(correct.map((workload) => workload.name)),
        });
        if (!isCorrect) isAllCorrect = false;
      } catch (error) {
        console.log(`${name.padEnd(12)}${title}: ${error instanceof Error ? error.message : String(error)}`);
        isAllCorrect = false;
      }
    }

    console.log(
      `${cpus()[0]?.model ?? ''}, ${availableParallelism()} cores, Node ${process.version}, ${rounds} rounds`,
    );
    for (const delayMs of delays) {
      await fetch(`http://127.0.0.1:${FIRST_PORT}/delay?ms=${delayMs}`);
      if (steady) {
        const [known] = workloads;
        const unknown = workloads.at(-1);
        if (!known || !unknown) throw new Error('There are no workloads.');
        console.log(`\n${known.name} at a fixed rate, beside ${unknown.name}, subgraph delay ${delayMs} ms`);
        for (const gateway of running.filter(({ correctWorkloads }) => correctWorkloads.has(unknown.name))) {
          console.log(await measureSteadyLoad(gateway, { known, unknown }, { rounds, getAuthorization }));
        }
        continue;
      }
      for (const workload of workloads) {
        if (only !== undefined && !workload.name.includes(only)) continue;
        const participants = running.filter(({ correctWorkloads }) => correctWorkloads.has(workload.name));
        const samples = await measureWorkload(participants, workload, { rounds, scale, getAuthorization });
        console.log(formatReport(workload, samples, delayMs));
      }
    }
    return isAllCorrect;
  } finally {
    for (const close of closers) await close();
  }
}
