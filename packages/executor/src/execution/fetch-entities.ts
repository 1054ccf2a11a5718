import type { SubgraphResponse } from '../data-sources/subgraph-response.js';
import { ask, clientVariables } from './ask.js';
import { ENTITIES, REPRESENTATIONS, type CompiledFetch } from './compile-fetch.js';
import { copyOf } from '../shared/json.js';
import { lay } from './lay.js';
import type { Batch, Known, Memo } from './memo.js';
import { placeErrors } from './subgraph-errors.js';
import type { Run } from './execution-state.js';
import { isTree, type Tree } from './tree.js';
import type { Wanted } from './collect-entities.js';

/** Fetches entities, those that the same operation has not fetched yet, and lays them on the tree. */
export async function fetchEntities(
  run: Run,
  fetch: CompiledFetch,
  entities: readonly Wanted[],
): Promise<void> {
  if (fetch.repetition.places < 2) return fetchAll(run, fetch, entities, undefined);
  const memo = (run.memo ??= new Map() as Memo);
  const known = memo.get(fetch.repetition) ?? (new Map() as Known);
  memo.set(fetch.repetition, known);
  const unknown: Wanted[] = [];
  const before = new Map<Batch, Again[]>();
  for (const entity of entities) {
    const slot = known.get(entity.representation);
    if (!slot) unknown.push(entity);
    else if (!before.get(slot.batch)?.push({ entity, index: slot.index })) {
      before.set(slot.batch, [{ entity, index: slot.index }]);
    }
  }
  if (before.size === 0) return fetchAll(run, fetch, unknown, known);
  const laying = [...before].map(([batch, again]) => layAgain(run, fetch, batch, again));
  await Promise.all([fetchAll(run, fetch, unknown, known), ...laying]);
}

/** An entity that was asked for before, and where it is in the answer. */
interface Again {
  readonly entity: Wanted;
  readonly index: number;
}

/** Lays what was asked for before, by another fetch that asks the same. */
async function layAgain(
  run: Run,
  fetch: CompiledFetch,
  { answer: answering }: Batch,
  again: readonly Again[],
): Promise<void> {
  const answer = await answering;
  if (!answer) {
    const wanted = again.map(({ entity }) => entity);
    return fetchAll(run, fetch, wanted, undefined);
  }
  const targets: (readonly Tree[])[] = [];
  for (const { entity, index } of again) targets[index] = entity.targets;
  layEntities(run, fetch, copyOf(answer), targets);
}

async function fetchAll(
  run: Run,
  fetch: CompiledFetch,
  entities: readonly Wanted[],
  known: Known | undefined,
): Promise<void> {
  const { maxEntities } = run;
  if (entities.length === 0) return;
  if (entities.length <= maxEntities) return fetchBatch(run, fetch, entities, known);
  const batches: Promise<void>[] = [];
  for (let from = 0; from < entities.length; from += maxEntities) {
    batches.push(fetchBatch(run, fetch, entities.slice(from, from + maxEntities), known));
  }
  await Promise.all(batches);
}

async function fetchBatch(
  run: Run,
  fetch: CompiledFetch,
  entities: readonly Wanted[],
  known: Known | undefined,
): Promise<void> {
  const given = clientVariables(run, fetch);
  const representations = entities.map(({ representation }) => representation).join(',');
  const variables = `{${given}${given && ','}"${REPRESENTATIONS}":[${representations}]}`;
  const answering = ask(run, fetch, variables, entities.length);
  if (known) {
    // Copied as soon as it is there, before it is laid on the tree and changed.
    const batch = { answer: answering.then((answer) => (answer.data ? copyOf(answer) : undefined)) };
    for (const [index, { representation }] of entities.entries()) known.set(representation, { batch, index });
  }
  layEntities(
    run,
    fetch,
    await answering,
    entities.map(({ targets }) => targets),
  );
}

/** @param targets the objects that are of each entity; there may be none of some */
function layEntities(
  run: Run,
  fetch: CompiledFetch,
  answer: SubgraphResponse,
  targets: readonly (readonly Tree[])[],
): void {
  const received = answer.data?.[ENTITIES];
  if (Array.isArray(received)) {
    for (const [index, entity] of received.entries()) {
      const of = targets[index];
      if (!of || !isTree(entity)) continue;
      fetch.rewrite?.(entity);
      lay(run, entity, of);
    }
  }
  if (answer.errors) placeErrors(run, fetch, answer, targets);
}
