import type { SeededRandom } from '../seeded-random.js';
import type { SubgraphDraft } from './subgraph-draft.js';
import type { DraftEntity } from './add-entities.js';

/** A field of an entity that other subgraphs may share, require, provide, override or hide. */
interface EntityField {
  readonly name: string;
  readonly home: string;
  /** Arguments and type as text. */
  readonly text: string;
  /** Its text in `@requires` and `@provides`. */
  readonly selection: string;
}

const WRAPPINGS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name,
  (name) => `${name}!`,
  (name) => `[${name}]`,
  (name) => `[${name}!]`,
  (name) => `[${name}!]!`,
  (name) => `[[${name}]]`,
];
const SCALARS = ['Int', 'String', 'Float', 'Boolean', 'ID', 'Color', 'Any'];

export function addFields(
  draft: SubgraphDraft,
  random: SeededRandom,
  entities: readonly DraftEntity[],
): void {
  const typesIn = (subgraph: string): string[] => [
    ...entities.filter(({ homes }) => homes.includes(subgraph)).map(({ name }) => name),
    ...['Named', 'Node', 'Leaf'].filter((name) => draft.has(subgraph, name)),
  ];
  const wrapped = (name: string): string => random.pick(WRAPPINGS)(name);
  const args = (): string =>
    random.chance(0.3)
      ? random.pick(['(x: Int = 3)', '(c: Color)', '(in: In, c: Color! = RED)', '(x: [Int!])'])
      : '';

  for (const { name: entity, homes } of entities) {
    const known: EntityField[] = [];
    let count = 0;
    const newName = () => `${random.pick(['f', 'g', 'live'])}${entity}${count++}`;
    for (const subgraph of homes) {
      const { fields } = draft.type(subgraph, entity);
      for (let index = 0; index < 1 + random.int(3); index += 1) {
        const name = newName();
        const others = typesIn(subgraph);
        if (others.length > 0 && random.chance(0.4)) {
          fields.set(name, `${args()}: ${wrapped(random.pick(others))}`);
        } else {
          const type = random.pick([...SCALARS, 'Size', 'Box']);
          const text = `${args()}: ${wrapped(type)}`;
          fields.set(name, text);
          if (!name.startsWith('live'))
            known.push({ name, home: subgraph, text, selection: selectField(name, text, type, random) });
        }
      }
    }
    distributeFields(draft, random, { name: entity, homes }, known, newName);
    if (homes.length > 1 && random.chance(0.5)) addSharedParts(draft, entity, homes, wrapped);
  }

  for (const subgraph of draft.names) {
    const types = [...typesIn(subgraph), 'Size'];
    const roots = random.chance(0.4) ? ['Query', 'Mutation'] : ['Query'];
    for (const root of roots) {
      const { fields } = draft.type(subgraph, root);
      for (let index = 0; index < 1 + random.int(2); index += 1) {
        fields.set(`${root.toLowerCase()}${subgraph}${index}`, `${args()}: ${wrapped(random.pick(types))}`);
      }
    }
  }
}

/** Makes other subgraphs of an entity share, require, provide, override or hide some of its fields. */
function distributeFields(
  draft: SubgraphDraft,
  random: SeededRandom,
  entity: DraftEntity,
  known: readonly EntityField[],
  newName: () => string,
): void {
  const fieldsIn = (subgraph: string) => draft.type(subgraph, entity.name).fields;
  /** Adds a field that requires another one, and often a field of a further subgraph that requires the added one. */
  const addRequiringField = (subgraph: string, selection: string): void => {
    const name = newName();
    fieldsIn(subgraph).set(name, `: String @requires(fields: "${selection}")`);
    if (name.startsWith('live') || random.chance(0.5)) return;
    const next = random.pick(entity.homes.filter((each) => each !== subgraph));
    fieldsIn(next).set(name, ': String @external');
    addRequiringField(next, name);
  };
  for (const { name, home, text, selection } of known) {
    const others = entity.homes.filter((each) => each !== home && !fieldsIn(each).has(name));
    if (others.length > 0 && random.chance(0.6)) {
      const other = random.pick(others);
      const hasArguments = text.startsWith('(');
      switch (random.pick(['share', 'require', 'require', hasArguments ? 'share' : 'provide', 'override'])) {
        case 'share':
          fieldsIn(home).set(name, `${text} @shareable`);
          fieldsIn(other).set(name, `${text} @shareable`);
          break;
        case 'require':
          fieldsIn(other).set(name, `${text} @external`);
          addRequiringField(other, selection);
          break;
        case 'provide':
          fieldsIn(home).set(name, `${text} @shareable`);
          fieldsIn(other).set(name, `${text} @external`);
          draft
            .type(other, 'Query')
            .fields.set(`provided${name}`, `: [${entity.name}] @provides(fields: "${selection}")`);
          break;
        default:
          fieldsIn(other).set(name, `${text} @override(from: "${home}")`);
      }
    } else if (random.chance(0.1)) fieldsIn(home).set(name, `${text} @inaccessible`);
  }
}

function selectField(name: string, text: string, type: string, random: SeededRandom): string {
  const args = text.startsWith('(x: Int') && random.chance(0.5) ? '(x: 7)' : '';
  if (type === 'Size')
    return `${name}${args} { ${random.pick(['width', 'unit inner { label }', 'inner { any }'])} }`;
  return type === 'Box' ? `${name}${args} { label }` : `${name}${args}`;
}

/** Adds an object without a key. Each subgraph of the entity defines another field of it. */
function addSharedParts(
  draft: SubgraphDraft,
  entity: string,
  homes: readonly string[],
  wrapped: (name: string) => string,
): void {
  const type = wrapped(`Part${entity}`);
  for (const home of homes) {
    draft.type(home, entity).fields.set(`part${entity}`, `: ${type} @shareable`);
    const { fields } = draft.type(home, `Part${entity}`);
    fields.set('label', ': String @shareable').set(`part${home}`, ': Int');
    fields.set('deeper', `: ${type} @shareable`);
  }
}
