import { createRandom, type Random } from '../random.js';
import type { Subgraphs } from '../world/compose.js';
import { createDraft, type Draft } from './draft.js';
import { addEntities, type Entity } from './entities.js';
import { addFields } from './fields.js';

/**
 * Makes up subgraphs: entities with keys of several kinds, spread over them, with fields that are shared, required,
 * provided, overridden or hidden. Not all that are made up compose.
 */
export function generateSubgraphs(seed: number): Subgraphs {
  const random = createRandom(seed);
  const draft = createDraft(['s0', 's1', 's2', 's3'].slice(0, 2 + random.int(3)));
  for (const subgraph of draft.names) addCommon(draft, subgraph);
  const entities = addEntities(draft, random);
  if (random.chance(0.4)) addInterfaceObject(draft, random);
  addUnion(draft, random, entities);
  addFields(draft, random, entities);
  return draft.finish();
}

/** What every subgraph declares alike. */
function addCommon(draft: Draft, subgraph: string): void {
  draft.add(
    subgraph,
    `enum Color { RED GREEN BLUE }
scalar Any
input In { x: Int = 1 colors: [Color!] in: In }`,
  );
  const size = draft.type(subgraph, 'Size', { directives: '@shareable' });
  size.fields.set('width', ': Int').set('unit', ': Color!').set('inner', ': [Box]');
  draft
    .type(subgraph, 'Box', { directives: '@shareable' })
    .fields.set('label', ': String')
    .set('any', ': Any');
}

/** An interface that the last subgraph knows as one type. */
function addInterfaceObject(draft: Draft, random: Random): void {
  const last = draft.names.at(-1) ?? '';
  const others = draft.names.slice(0, -1);
  const [first = ''] = others;
  const key = '@key(fields: "id")';
  draft
    .type(first, 'Node', { keyword: 'interface', directives: key })
    .fields.set('id', ': ID!')
    .set('title', ': String');
  for (const name of ['Leaf', 'Branch']) {
    const type = draft.type(first, name, { interfaces: ['Node'], directives: key });
    type.fields.set('id', ': ID!').set('title', ': String').set(`own${name}`, ': Int');
    for (const other of others.slice(1)) {
      if (random.chance(0.5)) continue;
      draft
        .type(other, name, { directives: key })
        .fields.set('id', ': ID!')
        .set(`${name.toLowerCase()}In${other}`, ': [Box]');
    }
  }
  const one = draft.type(last, 'Node', { directives: `@interfaceObject ${key}` });
  one.fields.set('id', ': ID!').set('score', '(x: Int = 2): Int').set('next', ': [Node!]');
}

/** A union in each subgraph, of what that knows. */
function addUnion(draft: Draft, random: Random, entities: readonly Entity[]): void {
  for (const { name: subgraph } of draft.names.map((name) => ({ name }))) {
    const members = entities.filter(({ homes }) => homes.includes(subgraph)).map(({ name }) => name);
    if (members.length > 0 && random.chance(0.7)) {
      draft.add(subgraph, `union Thing = ${[...random.some(members, 0.7), 'Box'].join(' | ')}`);
      draft
        .type(subgraph, 'Query')
        .fields.set(`thing${subgraph}`, random.pick([': Thing', ': [Thing!]', ': [[Thing]]!']));
    }
  }
}
