import { BREAK, getEnterLeaveForKind, type ASTVisitor, type Kind, type ValidationRule } from 'graphql';

/**
 * Merges validation rules into one that reports the same errors. graphql-js prepares the functions of each rule for all 49 kinds
 * of nodes at each validation, which takes longer than validating a small document. The merged rule finds once which rules have
 * functions for a kind, and calls only these.
 * @param rules do not edit the document, and have functions for the same kinds in each validation
 */
export function mergeValidationRules(rules: readonly ValidationRule[]): ValidationRule {
  /** The places of the rules that have functions for a kind. */
  const indexesByKind = new Map<Kind, readonly number[]>();
  const findIndexes = (visitors: readonly ASTVisitor[], kind: Kind): readonly number[] => {
    let indexes = indexesByKind.get(kind);
    if (!indexes) {
      indexes = visitors.flatMap((visitor, index) => {
        const { enter, leave } = getEnterLeaveForKind(visitor, kind);
        return enter || leave ? [index] : [];
      });
      indexesByKind.set(kind, indexes);
    }
    return indexes;
  };
  return (context) => {
    const visitors = rules.map((rule) => rule(context));
    /** By rule: the node whose children it does not visit; `BREAK` if it visits no more nodes. */
    const skipped = visitors.map((): unknown => undefined);
    return {
      enter(...args) {
        const [node] = args;
        for (const index of findIndexes(visitors, node.kind)) {
          const visitor = visitors[index];
          if (!visitor || skipped[index] !== undefined) continue;
          const result: unknown = getEnterLeaveForKind(visitor, node.kind).enter?.apply(visitor, args);
          if (result === false) skipped[index] = node;
          else if (result === BREAK) skipped[index] = BREAK;
        }
      },
      leave(...args) {
        const [node] = args;
        for (const index of findIndexes(visitors, node.kind)) {
          const visitor = visitors[index];
          if (skipped[index] === node) skipped[index] = undefined;
          else if (visitor && skipped[index] === undefined) {
            const result: unknown = getEnterLeaveForKind(visitor, node.kind).leave?.apply(visitor, args);
            if (result === BREAK) skipped[index] = BREAK;
          }
        }
      },
    };
  };
}
