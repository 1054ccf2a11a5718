import { createSeededRandom, type SeededRandom } from '../seeded-random.js';
import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';
import { createSubgraphDraft, type SubgraphDraft } from './subgraph-draft.js';
import { addEntities, type DraftEntity } from './add-entities.js';
import { addFields } from './add-fields.js';

/**
 * Generates subgraphs with entities that have keys of several kinds, and fields that are shared, required, provided,
 * overridden or hidden. Some of them do not compose.
 */
export function generateSubgraphs(seed: number): SubgraphSdls {
  const random = createSeededRandom(seed);
  const draft = createSubgraphDraft(['s0', 's1', 's2', 's3'].slice(0, 2 + random.int(3)));
  for (const subgraph of draft.names) addSharedTypes(draft, subgraph);
  const entities = addEntities(draft, random);
  if (random.chance(0.4)) addInterfaceObject(draft, random);
  addUnion(draft, random, entities);
  addFields(draft, random, entities);
  return draft.finish();
}

/** Adds the types that every subgraph declares. */
function addSharedTypes(draft: SubgraphDraft, subgraph: string): void {
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

/** Adds an interface that the last subgraph declares as an `@interfaceObject`. */
function addInterfaceObject(draft: SubgraphDraft, random: SeededRandom): void {
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

/** Adds a union to some subgraphs, of entities that they define. */
function addUnion(draft: SubgraphDraft, random: SeededRandom, entities: readonly DraftEntity[]): void {
  for (const subgraph of draft.names) {
    const members = entities.filter(({ homes }) => homes.includes(subgraph)).map(({ name }) => name);
    if (members.length > 0 && random.chance(0.7)) {
      draft.add(subgraph, `union Thing = ${[...random.some(members, 0.7), 'Box'].join(' | ')}`);
      draft
        .type(subgraph, 'Query')
        .fields.set(`thing${subgraph}`, random.pick([': Thing', ': [Thing!]', ': [[Thing]]!']));
    }
  }
}
