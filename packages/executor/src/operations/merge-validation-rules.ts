import {
  BREAK,
  getEnterLeaveForKind,
  type ASTNode,
  type ASTVisitor,
  type Kind,
  type ValidationRule,
} from 'graphql';

type VisitFunction = (...args: unknown[]) => unknown;

/** The functions of one visitor for one kind of node. */
interface KindVisitor {
  /** Place of the visitor. */
  readonly index: number;
  readonly visitor: ASTVisitor;
  readonly enter: VisitFunction | undefined;
  readonly leave: VisitFunction | undefined;
}

/**
 * Merges validation rules into one that reports the same errors. graphql-js prepares the functions of each rule for all 43 kinds
 * of nodes, which takes longer than validating a small document. The merged rule prepares only the kinds that occur, and skips
 * rules that have no function for a kind. The rules must not edit the document.
 */
export const mergeValidationRules =
  (rules: readonly ValidationRule[]): ValidationRule =>
  (context) => {
    const visitors = rules.map((rule) => rule(context));
    const visitorsByKind = new Map<string, readonly KindVisitor[]>();
    const getVisitors = (kind: Kind): readonly KindVisitor[] => {
      let found = visitorsByKind.get(kind);
      if (!found) visitorsByKind.set(kind, (found = selectVisitors(visitors, kind)));
      return found;
    };
    /** By visitor: the node whose children it does not visit; `BREAK` if it visits no more nodes. */
    const skipped = visitors.map((): unknown => undefined);
    return {
      enter(...args) {
        const [node] = args;
        for (const { index, visitor, enter } of getVisitors(node.kind)) {
          if (!enter || skipped[index] !== undefined) continue;
          const result = enter.apply(visitor, args);
          if (result === false) skipped[index] = node;
          else if (result === BREAK) skipped[index] = BREAK;
        }
      },
      leave(...args) {
        const [node] = args;
        for (const { index, visitor, leave } of getVisitors(node.kind)) {
          if (skipped[index] === node) skipped[index] = undefined;
          else if (leave && skipped[index] === undefined && leave.apply(visitor, args) === BREAK) {
            skipped[index] = BREAK;
          }
        }
      },
    };
  };

const selectVisitors = (visitors: readonly ASTVisitor[], kind: Kind): readonly KindVisitor[] =>
  visitors.flatMap((visitor, index) => {
    const { enter, leave } = getEnterLeaveForKind(visitor, kind) as Partial<KindVisitor>;
    return enter || leave ? [{ index, visitor, enter, leave }] : [];
  });
