import { ask, clientVariables } from './ask.js';
import type { CompiledFetch } from './compile-fetch.js';
import { dueTargets } from './due-targets.js';
import { fetchEntities } from './fetch-entities.js';
import { lay } from './lay.js';
import { placeErrors } from './subgraph-errors.js';
import type { Run } from './execution-state.js';
import { targetsAt } from './targets.js';
import type { Tree } from './tree.js';
import { wantedEntities } from './collect-entities.js';

/** Runs a fetch and lays its answer on the tree, what went wrong included. It never rejects. */
export async function runFetch(run: Run, fetch: CompiledFetch): Promise<void> {
  // When a plan is run again, whatever needs no entity has been asked for.
  if (run.isAgain && !fetch.representation) return;
  const targets = targetsAt(run.tree, fetch.path, run.shared);
  if (targets.length === 0) return;
  if (fetch.representation) return runFor(run, fetch, targets);
  const answer = await ask(run, fetch, `{${clientVariables(run, fetch)}}`);
  if (answer.data) {
    fetch.rewrite?.(answer.data);
    lay(run, answer.data, targets);
  }
  if (answer.errors) placeErrors(run, fetch, answer, [targets]);
}

/** Runs a fetch for entities, in parts for those that lack what some of its fields require. */
async function runFor(run: Run, fetch: CompiledFetch, targets: readonly Tree[]): Promise<void> {
  const due = dueTargets(run, fetch, targets);
  if (due.length === 0) return;
  const wanted = wantedEntities(run, fetch, due);
  run.asked += wanted.length;
  const lacking = run.visits?.get(fetch)?.lacking;
  if (!lacking?.size) return fetchEntities(run, fetch, wanted);
  const incomplete = due.filter((target) => lacking.has(target));
  await Promise.all([
    fetchEntities(run, fetch, wanted),
    ...fetch.parts().map((part) => runFor(run, part, incomplete)),
  ]);
}
