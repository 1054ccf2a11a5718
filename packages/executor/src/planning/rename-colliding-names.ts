import { Kind, visit, type DocumentNode, type FieldNode, type NameNode } from 'graphql';

/** Fields that plans read of their own accord, by the response key of that name. */
export interface ReadFields {
  /** Keys, and what fields require or are provided with. */
  readonly names: ReadonlySet<string>;
  /** Those of them that are read with arguments somewhere. */
  readonly withArguments: ReadonlySet<string>;
}

export interface SeparateNames {
  readonly document: DocumentNode;
  /** By the key that a field has now, the one that the client gave it; only of those that have another. */
  readonly clientKeys: ReadonlyMap<string, string>;
}

/**
 * Gives another response key to each field that has the one of a field that plans read, and is not just that field.
 * Else the planner takes the client's value for the one that it reads (federation#3036), or gives the client the value
 * that it has read with other arguments (#2996).
 */
export function separateNames(document: DocumentNode, read: ReadFields): SeparateNames {
  const clientKeys = new Map<string, string>();
  const suffix = unusedSuffix(document);
  const separate = visit(document, {
    Field(node) {
      const key = (node.alias ?? node.name).value;
      if (!read.names.has(key) || isWhatPlansRead(node, read)) return undefined;
      const separateKey = `${key}${suffix}`;
      clientKeys.set(separateKey, key);
      const alias: NameNode = { kind: Kind.NAME, value: separateKey };
      return { ...node, alias };
    },
  });
  return { document: separate, clientKeys };
}

const isWhatPlansRead = ({ name, alias, arguments: args = [] }: FieldNode, read: ReadFields): boolean =>
  (alias === undefined || alias.value === name.value) &&
  args.length === 0 &&
  !read.withArguments.has(name.value);

/** @returns what no response key of the document ends with */
function unusedSuffix(document: DocumentNode): string {
  const keys = new Set<string>();
  visit(document, {
    Field: ({ name, alias }) => {
      keys.add((alias ?? name).value);
    },
  });
  let suffix = '_';
  while ([...keys].some((key) => key.endsWith(suffix))) suffix += '_';
  return suffix;
}
