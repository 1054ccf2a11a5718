import { createHash } from 'node:crypto';
import { Kind, visit, type DocumentNode } from 'graphql';
import type { PreparedRequest } from '../operations/request-preparer.js';
import type { SubscriptionPlan } from '../planning/subscription-plan.js';
import type { SubscriptionSource } from './source.js';

type Request = Pick<PreparedRequest, 'document' | 'operation' | 'variables'> & {
  readonly subscriptionPlan: SubscriptionPlan;
};
type Traits = Pick<SubscriptionSource, 'dependsOnCaller' | 'resumeArgument'>;

/** Whether anything of the caller may reach the answers: by the source, or by a fetch made for them. */
export const dependsOnCaller = (
  { subscriptionPlan: plan }: Request,
  { dependsOnCaller = true }: Traits,
): boolean => dependsOnCaller || plan.hasSubgraphFetches;

/**
 * Subscribers of one key get the same answers: the same document, operation, variables and, where it may matter, the
 * same authority. A cursor is left out, where it is nothing but the cursor: it decides the beginning only.
 * @param authority everything about the caller that reaches a subgraph or a source; undefined: not known, so that
 *   nobody shares with this caller what may depend on it
 */
export function sharingKey(
  request: Request,
  source: Traits,
  authority: string | undefined,
): string | undefined {
  const isPersonal = dependsOnCaller(request, source);
  if (isPersonal && authority === undefined) return undefined;
  const cursor = cursorVariable(request, source);
  const variables = Object.entries(request.variables)
    .filter(([name]) => name !== cursor)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    documentId(request.document),
    request.operation.name?.value ?? null,
    variables,
    isPersonal ? [authority] : [],
  ]);
}

/** The variable that holds the cursor and that nothing else reads. */
function cursorVariable(
  { subscriptionPlan: plan, document }: Request,
  { resumeArgument }: Traits,
): string | undefined {
  const argument = plan.rootField.arguments?.find(({ name }) => name.value === resumeArgument);
  if (argument?.value.kind !== Kind.VARIABLE) return undefined;
  const variable = argument.value.name.value;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void (uses += name.value === variable ? 1 : 0),
  });
  return uses === 1 ? variable : undefined;
}

const ids = new WeakMap<DocumentNode, string>();

/** The same for the same text, also when that has been parsed twice. */
function documentId(document: DocumentNode): string {
  let id = ids.get(document);
  if (id === undefined) {
    id = createHash('sha256')
      .update(document.loc?.source.body ?? '')
      .digest('base64url');
    ids.set(document, id);
  }
  return id;
}
