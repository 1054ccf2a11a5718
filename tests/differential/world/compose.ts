import { composeServices } from '@apollo/composition';
import { Kind, parse, type DocumentNode } from 'graphql';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@external", "@requires", "@shareable", "@inaccessible", "@interfaceObject", "@override", "@provides"
])`;

/** SDL by the name of the subgraph. */
export type Subgraphs = Readonly<Record<string, string>>;

export interface Composed {
  readonly supergraphSdl: string;
  /** By the name of the subgraph, the link to federation included. */
  readonly documents: ReadonlyMap<string, DocumentNode>;
}

/** @throws Error with all that is wrong */
export function compose(subgraphs: Subgraphs): Composed {
  const documents = new Map(
    Object.entries(subgraphs).map(([name, sdl]) => [name, parse(`${LINK}\n${sdl}`, { noLocation: true })]),
  );
  const { supergraphSdl, errors } = composeServices(
    [...documents].map(([name, typeDefs]) => ({ name, url: `http://${name}.test/graphql`, typeDefs })),
  );
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return { supergraphSdl, documents };
}

/** @returns what a directive's `fields` say, as a selection set */
export function fieldSet(fields: string) {
  const [definition] = parse(`{ ${fields} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${fields}" is not a field set.`);
  return definition.selectionSet;
}
