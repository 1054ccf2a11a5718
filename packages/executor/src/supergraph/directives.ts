import { Kind, valueFromASTUntyped, type ConstDirectiveNode, type ConstValueNode } from 'graphql';

/** Anything in a supergraph that carries directives. */
export interface Annotated {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** The arguments of one application of a directive. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The arguments of each application of a directive, in order. */
export const applicationsOf = (node: Annotated, directive: string): Arguments[] =>
  (node.directives ?? [])
    .filter(({ name }) => name.value === directive)
    .map(({ arguments: given = [] }) =>
      Object.fromEntries(
        given.map(({ name, value }): [string, unknown] => [name.value, valueFromASTUntyped(value)]),
      ),
    );

export const textOf = (given: Arguments, name: string): string | undefined => {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
};

export const enumValue = (value: string): ConstValueNode => ({ kind: Kind.ENUM, value });
export const stringValue = (value: string): ConstValueNode => ({ kind: Kind.STRING, value });
export const booleanValue = (value: boolean): ConstValueNode => ({ kind: Kind.BOOLEAN, value });

/** One application of a directive; arguments without a value are left out. */
export const application = (
  directive: string,
  given: Readonly<Record<string, ConstValueNode | undefined>>,
): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: directive },
  arguments: Object.entries(given).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [{ kind: Kind.ARGUMENT as const, name: { kind: Kind.NAME as const, value: name }, value }],
  ),
});

/** The same node with further applications after its own. */
export const annotate = <Node extends Annotated>(node: Node, more: readonly ConstDirectiveNode[]): Node => ({
  ...node,
  directives: [...(node.directives ?? []), ...more],
});
