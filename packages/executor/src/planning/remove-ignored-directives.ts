import { Kind, visit, type DocumentNode } from 'graphql';
import { COST_SPEC_URL } from '../supergraph/cost-model.js';
import { findDirectiveName } from '../supergraph/linked-directives.js';

/** Directives that need no definition. */
const BUILT_IN_DIRECTIVES = ['deprecated', 'specifiedBy', 'oneOf', 'link', 'core'];

/**
 * Removes directives that change no plan, and for which Apollo's library would refuse a supergraph: `@cost` and `@listSize`, which it
 * checks more strictly than other composers do, and directives that the supergraph uses without a definition.
 */
export function removeIgnoredDirectives(document: DocumentNode): DocumentNode {
  const kept = new Set(BUILT_IN_DIRECTIVES);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) kept.add(definition.name.value);
  }
  for (const directive of ['cost', 'listSize']) {
    const name = findDirectiveName(document, COST_SPEC_URL, directive);
    if (name !== undefined) kept.delete(name);
  }
  return visit(document, { Directive: ({ name }) => (kept.has(name.value) ? undefined : null) });
}
