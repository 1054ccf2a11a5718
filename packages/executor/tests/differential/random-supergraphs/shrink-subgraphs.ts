import { Kind, parse, print, visit, type ASTNode, type DocumentNode } from 'graphql';
import { minimize } from '../minimize.js';
import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

const REMOVABLE: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.DIRECTIVE,
]);

/**
 * @param stillFails whether smaller subgraphs still fail
 * @returns subgraphs that no longer fail if any part is removed
 */
export const shrinkSubgraphs = (
  subgraphs: SubgraphSdls,
  stillFails: (subgraphs: SubgraphSdls) => Promise<boolean>,
): Promise<SubgraphSdls> => minimize(subgraphs, getSmallerSubgraphs, stillFails);

function getSmallerSubgraphs(subgraphs: SubgraphSdls): (() => SubgraphSdls)[] {
  const documents = Object.entries(subgraphs).map(([name, sdl]): [string, DocumentNode] => [
    name,
    parse(sdl, { noLocation: true }),
  ]);
  const without = (removed: (node: ASTNode) => boolean) => () =>
    Object.fromEntries(
      documents.map(([name, document]) => [
        name,
        print(visit(document, { enter: (node) => (removed(node) ? null : undefined) })),
      ]),
    );
  const nodes = documents.flatMap(([, document]) => removable(document));
  const shared = new Set(nodes.map(nameOf));
  return [
    ...Object.keys(subgraphs).map(
      (left) => () => Object.fromEntries(Object.entries(subgraphs).filter(([name]) => name !== left)),
    ),
    // Definitions with the same name in all subgraphs: many must be declared by all subgraphs or by none.
    ...[...shared].map((name) => without((node) => REMOVABLE.has(node.kind) && nameOf(node) === name)),
    ...nodes.map((removed) => without((node) => node === removed)),
  ];
}

const nameOf = (node: ASTNode): string | undefined => ('name' in node ? node.name.value : undefined);

function removable(document: DocumentNode): ASTNode[] {
  const nodes: ASTNode[] = [];
  visit(document, {
    enter(node) {
      if (REMOVABLE.has(node.kind)) nodes.push(node);
    },
  });
  return nodes;
}
