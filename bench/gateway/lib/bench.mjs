import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gateways } from '../gateways.mjs';
import { composeSupergraph, NAMES } from '../subgraphs/schemas.mjs';
import { workloads } from '../workloads.mjs';
import { check } from './check.mjs';
import { startChild } from './children.mjs';
import { measure } from './measure.mjs';
import { report } from './report.mjs';
import { createRightAnswers } from './right-answers.mjs';
import { createTokens } from './tokens.mjs';

const SUBGRAPHS = fileURLToPath(new URL('../subgraphs/serve.mjs', import.meta.url));
const FIRST_PORT = 4_700;

/**
 * @param {{ rounds: number, scale: number, names: readonly string[], only: string | undefined, delays: readonly number[] }} options
 * @returns {Promise<boolean>} whether every gateway answered rightly
 */
export async function bench({ rounds, scale, names, only, delays }) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gateway-'));
  /** @type {(() => unknown)[]} */
  const closers = [() => rm(folder, { recursive: true, force: true })];
  try {
    const urlOf = (/** @type {string} */ name) => `http://127.0.0.1:${FIRST_PORT}/${name}`;
    const supergraphSdl = composeSupergraph(urlOf);
    const supergraph = join(folder, 'supergraph.graphql');
    await writeFile(supergraph, supergraphSdl);
    const subgraphs = await startChild([SUBGRAPHS], { port: FIRST_PORT });
    closers.unshift(subgraphs.stop);
    const tokens = await createTokens(FIRST_PORT + 1);
    closers.unshift(tokens.close);
    const { authorization } = tokens;
    const rightAnswer = createRightAnswers(supergraphSdl);

    let allRight = true;
    /** @type {(import('./measure.mjs').Running & { answers: ReadonlySet<string> })[]} */
    const running = [];
    for (const [index, name] of names.entries()) {
      const gateway = gateways[name];
      if (!gateway) throw new Error(`There is no gateway "${name}": ${Object.keys(gateways).join(', ')}.`);
      const { path, onlyForwards = false } = gateway;
      const place = { port: FIRST_PORT + 10 + index, supergraph, jwksUrl: tokens.jwksUrl, dataDir: folder };
      try {
        const services = JSON.stringify(NAMES.map((each) => ({ name: each, url: urlOf(each) })));
        const env = { SUPERGRAPH: supergraph, SUBGRAPHS: services, ...gateway.env?.(place) };
        const child = await startChild(gateway.args(place), { port: place.port, env });
        closers.unshift(child.stop);
        const url = `http://127.0.0.1:${place.port}${path}`;
        const mine = onlyForwards ? workloads.slice(0, 1) : workloads;
        const faults = await check(url, mine, rightAnswer, authorization);
        console.log(
          `${name.padEnd(12)}${gateway.title}: ${faults.size === 0 ? 'answers rightly' : 'IS WRONG'}`,
        );
        for (const [workload, fault] of faults) console.log(`  ${workload}${workload && ': '}${fault}`);
        const answers = faults.has('') ? [] : mine.filter((each) => !faults.has(each.name));
        running.push({ name, url, cpu: child.cpu, answers: new Set(answers.map((each) => each.name)) });
        if (faults.size > 0) allRight = false;
      } catch (error) {
        console.log(
          `${name.padEnd(12)}${gateway.title}: ${error instanceof Error ? error.message : String(error)}`,
        );
        allRight = false;
      }
    }

    console.log(
      `${cpus()[0]?.model ?? ''}, ${availableParallelism()} cores, Node ${process.version}, ${rounds} rounds`,
    );
    for (const delayMs of delays) {
      await fetch(`http://127.0.0.1:${FIRST_PORT}/delay?ms=${delayMs}`);
      for (const workload of workloads) {
        if (only !== undefined && !workload.name.includes(only)) continue;
        const taking = running.filter(({ answers }) => answers.has(workload.name));
        console.log(
          report(workload, await measure(taking, workload, { rounds, scale, authorization }), delayMs),
        );
      }
    }
    return allRight;
  } finally {
    for (const close of closers) await close();
  }
}
