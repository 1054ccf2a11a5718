import { build } from '../../build.mjs';
import { run } from '../../command.mjs';
import { Failure } from '../../failure.mjs';
import { ROOT } from '../../root.mjs';
import { createBatches } from './batches.mjs';
import { concernOf } from './concerns.mjs';
import { readDependents } from './dependents.mjs';
import { watchSources } from './watch.mjs';

/**
 * Builds what has changed, and starts the services again that are made of it, until it is told to stop. What cannot be
 * built changes nothing: the services run on as they are.
 *
 * @param {import('../../operate.mjs').Operation} operation
 */
export async function rebuildOnChange({ services, output, signal }) {
  const dependents = readDependents();
  const batches = createBatches();
  const unwatch = watchSources(ROOT, (path) => {
    if (concernOf(path, dependents)) batches.add(path);
  });
  output.notice('A service starts again when what it is made of changes.');
  /** What is due since the last build that went well. @type {Set<string>} */
  const due = new Set();
  let generate = false;
  try {
    while (!signal.aborted) {
      const paths = await batches.next(signal);
      output.notice(`Changed: ${paths.join(', ')}. Building.`);
      for (const path of paths) {
        const concern = concernOf(path, dependents);
        generate ||= concern?.generate === true;
        for (const name of concern?.services ?? []) due.add(name);
      }
      if (!(await make({ generate, output, signal }))) continue;
      output.notice(`Built. Starting again: ${[...due].join(', ')}.`);
      for (const service of services) if (due.has(service.name)) service.restart();
      due.clear();
      generate = false;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    unwatch();
  }
}

/**
 * @param {{ generate: boolean } & Pick<import('../../operate.mjs').Operation, 'output' | 'signal'>} options
 * @returns {Promise<boolean>} whether it went well
 */
async function make({ generate, output, signal }) {
  try {
    if (generate) await runGenerate(signal);
    await build({ say: () => undefined, signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    output.notice(`${error.message} The services run on as they are.`);
    return false;
  }
}

/** @param {AbortSignal} signal */
async function runGenerate(signal) {
  // Not the migrations: those are made when the tables are as they shall be.
  const { code, output } = await run(process.execPath, ['scripts/generate.mjs', '--no-migrations'], {
    signal,
  });
  if (code !== 0)
    throw new Failure(`${output.trimEnd()}\nThe supergraph cannot be made: what it says above is why.`);
}
