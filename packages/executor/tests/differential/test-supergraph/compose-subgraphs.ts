import { composeServices } from '@apollo/composition';
import { Kind, parse, type DocumentNode } from 'graphql';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@external", "@requires", "@shareable", "@inaccessible", "@interfaceObject", "@override", "@provides"
])`;

/** SDL by subgraph name. */
export type SubgraphSdls = Readonly<Record<string, string>>;

export interface ComposedSupergraph {
  readonly supergraphSdl: string;
  /** Parsed SDL with the link to federation, by subgraph name. */
  readonly documents: ReadonlyMap<string, DocumentNode>;
}

/** @throws Error with all composition errors */
export function composeSubgraphs(subgraphs: SubgraphSdls): ComposedSupergraph {
  const documents = new Map(
    Object.entries(subgraphs).map(([name, sdl]) => [name, parse(`${LINK}\n${sdl}`, { noLocation: true })]),
  );
  const { supergraphSdl, errors } = composeServices(
    [...documents].map(([name, typeDefs]) => ({ name, url: `http://${name}.test/graphql`, typeDefs })),
  );
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return { supergraphSdl, documents };
}

/** Parses the `fields` argument of a federation directive. */
export function parseFieldSet(fields: string) {
  const [definition] = parse(`{ ${fields} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${fields}" is not a field set.`);
  return definition.selectionSet;
}
