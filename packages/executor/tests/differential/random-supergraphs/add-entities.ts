import type { SeededRandom } from '../seeded-random.js';
import type { SubgraphDraft } from './subgraph-draft.js';

export interface DraftEntity {
  readonly name: string;
  /** The subgraphs that define it. */
  readonly homes: readonly string[];
}

/** Kinds of keys. The subgraphs of an entity share at least one of its keys. */
type KeyKind = 'simple' | 'several' | 'compound' | 'nested';

export function addEntities(draft: SubgraphDraft, random: SeededRandom): DraftEntity[] {
  const entities = Array.from({ length: 2 + random.int(3) }, (_, index) => ({
    name: `E${index}`,
    homes: random.some(draft.names, 0.65),
    kind: random.pick<KeyKind>(['simple', 'simple', 'several', 'compound', 'nested']),
  }));
  const named = random.chance(0.6) ? random.some(entities, 0.6).map(({ name }) => name) : [];
  for (const { name, homes, kind } of entities) {
    for (const [index, subgraph] of homes.entries()) {
      const interfaces = named.includes(name) ? ['Named'] : [];
      const keys = chooseKeys(kind, name, index === 0, random);
      const directives = keys.map((key) => `@key(fields: "${key}")`).join(' ');
      const { fields } = draft.type(subgraph, name, { interfaces, directives });
      addKeyFields(draft, subgraph, name, keys.join(' '));
      if (interfaces.length > 0) {
        fields.set('name', ': String @shareable');
        const fieldsOfInterface = draft.type(subgraph, 'Named', { keyword: 'interface' }).fields;
        fieldsOfInterface.set('name', ': String');
      }
    }
  }
  return entities;
}

function chooseKeys(kind: KeyKind, entity: string, isFirst: boolean, random: SeededRandom): string[] {
  switch (kind) {
    case 'simple':
      return ['id'];
    case 'several':
      // The first subgraph has both keys, so that all others can be reached from it.
      return isFirst ? ['id', 'code'] : random.some(['id', 'code'], 0.5);
    case 'compound':
      return ['id code'];
    case 'nested':
      return [`ref${entity} { id }`];
  }
}

function addKeyFields(draft: SubgraphDraft, subgraph: string, entity: string, keys: string): void {
  const { fields } = draft.type(subgraph, entity);
  if (keys.includes('ref')) {
    fields.set(`ref${entity}`, `: Ref${entity}!`);
    draft.type(subgraph, `Ref${entity}`, { directives: '@shareable' }).fields.set('id', ': ID!');
    return;
  }
  if (keys.includes('id')) fields.set('id', ': ID!');
  if (keys.includes('code')) fields.set('code', ': Int!');
}
