import { Kind, parse, visit, type DocumentNode } from 'graphql';
import type { ReadFields } from './rename-colliding-names.js';

const FIELD_SETS: ReadonlySet<string> = new Set(['key', 'requires', 'provides']);

/** @returns what the join directives of a supergraph say that plans read of their own accord */
export function findReadFields(supergraph: DocumentNode): ReadFields {
  // A response key __proto__ would be no key of an answer, but its prototype.
  const names = new Set(['__typename', '__proto__']);
  const withArguments = new Set<string>();
  visit(supergraph, {
    Directive({ name, arguments: args = [] }) {
      if (!name.value.startsWith('join__')) return;
      for (const { name: argument, value } of args) {
        if (!FIELD_SETS.has(argument.value) || value.kind !== Kind.STRING) continue;
        visit(parse(`{ ${value.value} }`, { noLocation: true }), {
          Field(field) {
            names.add(field.name.value);
            if (field.arguments && field.arguments.length > 0) withArguments.add(field.name.value);
          },
        });
      }
    },
  });
  return { names, withArguments };
}
