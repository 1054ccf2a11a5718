import { ask, clientVariables } from './ask.js';
import type { CompiledFetch } from './compile-fetch.js';
import { dueTargets } from './due-targets.js';
import { fetchEntities } from './fetch-entities.js';
import { lay } from './lay.js';
import { placeErrors } from './place-errors.js';
import type { Run } from './run.js';
import { wantedEntities } from './wanted-entities.js';

/** Runs a fetch and lays its answer on the tree, what went wrong included. It never rejects. */
export async function runFetch(run: Run, fetch: CompiledFetch): Promise<void> {
  const targets = dueTargets(run, fetch);
  if (targets.length === 0) return;
  if (fetch.representation) {
    const wanted = wantedEntities(run, fetch, targets);
    run.asked += wanted.length;
    return fetchEntities(run, fetch, wanted);
  }
  const answer = await ask(run, fetch, `{${clientVariables(run, fetch)}}`);
  if (answer.data) {
    fetch.rewrite?.(answer.data);
    lay(run, answer.data, targets);
  }
  if (answer.errors) placeErrors(run, fetch, answer, [targets]);
}
