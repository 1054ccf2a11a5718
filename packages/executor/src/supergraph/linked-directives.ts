import { Kind, type ConstDirectiveNode, type DocumentNode } from 'graphql';
import { getDirectiveArguments, getStringArgument, type DirectiveArguments } from './supergraph-document.js';

/*
 * Finds the names that a supergraph gives to the directives of a specification. A link can rename a directive, and a directive
 * that is not imported has the name of the link as its prefix: https://specs.apollo.dev/link/v1.0/
 */

/**
 * Finds the name of a directive in a supergraph.
 * @param specUrl the URL of the specification without its version, such as `https://specs.apollo.dev/cost/`
 * @param directive the name in the specification, without `@`
 * @returns the directive's own name if the supergraph does not link the specification; `undefined` if that is then a directive
 *   of another specification
 */
export function findDirectiveName(
  document: DocumentNode,
  specUrl: string,
  directive: string,
): string | undefined {
  const links = readLinks(document);
  const link = links.find((args) => getStringArgument(args, 'url')?.startsWith(specUrl));
  if (link) return getLinkedName(link, directive);
  return links.some((other) => listLinkedNames(other).includes(directive)) ? undefined : directive;
}

function readLinks(document: DocumentNode): readonly DirectiveArguments[] {
  const schema = document.definitions.find(({ kind }) => kind === Kind.SCHEMA_DEFINITION);
  const directives = (schema as { directives?: readonly ConstDirectiveNode[] } | undefined)?.directives;
  return getDirectiveArguments(directives ? { directives } : {}, 'link');
}

/** The name of a link: `as`, or else the part of its URL before the version. */
const getNamespace = (link: DirectiveArguments): string =>
  getStringArgument(link, 'as') ??
  getStringArgument(link, 'url')
    ?.replace(/\/v\d+\.\d+\/?$/, '')
    .split('/')
    .pop() ??
  '';

interface LinkImport {
  readonly name: string;
  /** The name in the supergraph. */
  readonly localName: string;
}

/** The directives that a link imports, without `@`. */
const listImportedDirectives = (link: DirectiveArguments): readonly LinkImport[] =>
  (Array.isArray(link['import']) ? (link['import'] as unknown[]) : []).flatMap((entry) => {
    const { name, as = name } = (
      typeof entry === 'object' && entry !== null ? entry : { name: entry }
    ) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof as !== 'string' || !name.startsWith('@')) return [];
    return [{ name: name.slice(1), localName: as.replace(/^@/, '') }];
  });

function getLinkedName(link: DirectiveArguments, directive: string): string {
  const imported = listImportedDirectives(link).find(({ name }) => name === directive);
  if (imported) return imported.localName;
  const namespace = getNamespace(link);
  // The directive with the name of its specification needs no prefix.
  const specName = getNamespace({ ...link, as: undefined });
  return directive === specName ? namespace : `${namespace}__${directive}`;
}

const listLinkedNames = (link: DirectiveArguments): readonly string[] => [
  getNamespace(link),
  ...listImportedDirectives(link).map(({ localName }) => localName),
];
