import type {
  DocumentNode,
  FieldNode,
  GraphQLSchema,
  OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { AbortSignalLike } from '../shared/light-abort-signal.js';
import type { SupergraphSchemas } from '../supergraph/load-supergraph.js';
import type { Subgraph } from '../supergraph/supergraph-document.js';
import type { PlanningStatistics } from './planning-statistics.js';

/*
 * The contract between the executor and a query planner.
 * Input: a supergraph and the snapshots of its event sources; per call an operation with the values of its conditions.
 * Output: the fetches that answer the operation. The planner also provides the schemas that it builds from the supergraph.
 * `createApolloQueryPlanner` implements it. It has the fetches planned in worker threads; `createStagePlanner` runs there.
 */

/** Limits of planning. The executor's options extend it. */
export interface PlanningLimits {
  /** Maximum number of alternative plans that the query planner compares per operation. @default 1_000 */
  readonly maxEvaluatedPlans: number;
  /**
   * Maximum number of ways through the subgraphs that the query planner considers for one field. An operation that needs more
   * is rejected with OPERATION_TOO_COMPLEX. @default 10_000
   */
  readonly maxPlanPaths: number;
  /**
   * Maximum number of deferred fragments of an operation, with those of a named fragment counted at each spread. If an operation has
   * more, nothing is deferred: it is answered in one response. 0: nothing is ever deferred. @default 100
   */
  readonly maxDeferredFragments: number;
}

/** What a planner needs to know of a supergraph. It can be sent to another thread. */
export interface PlannerInput extends PlanningLimits {
  readonly supergraphSdl: string;
  /**
   * The subscription fields that have a source of events here. A field that the supergraph does not have, or has with
   * another type, is ignored.
   */
  readonly eventSources: Readonly<Record<string, SubscriptionSourceTraits>>;
}

/** The properties of a subscription source that influence plans. */
export interface SubscriptionSourceTraits {
  /**
   * The fields that every event carries, as a selection set on the field's type: `{ kind rule { id user { id } } }`.
   * The executor fetches all other selected fields by the keys in the snapshot. Only fields without arguments are
   * allowed, and a type must have the same fields wherever it occurs. Objects of interface and union types must carry
   * `__typename`.
   * @default all fields without arguments that the owning subgraph defines; recursion stops where a type repeats
   */
  readonly snapshot?: string;
  /** The GraphQL type that the field must have. A field of another type is not served by this source. @default any */
  readonly type?: string;
}

/** Plans the operations of clients on one supergraph. */
export interface QueryPlanner extends SupergraphSchemas {
  /** The names of the subscription fields that can be planned. */
  readonly subscriptionFields: readonly string[];
  /** Lists the labels of `@override(label:)` that the plan of an operation depends on, each once; too many rather than too few. */
  readonly findOverrideLabels: (operation: DocumentNode) => readonly string[];
  /**
   * Plans one operation for one combination of condition values. It throws, or rejects the promise of the pending plan:
   * @throws GraphQLError with the code OPERATION_NOT_RESOLVABLE if no subgraph can resolve a field; SUBSCRIPTION_NOT_SUPPORTED if
   *   that is a field of a subscription, or nothing provides the events of the subscription; OPERATION_TOO_COMPLEX if planning exceeds a
   *   limit; OVERLOADED if too many operations wait for their plans
   */
  planOperation(input: PlanOperationInput, caller: PlanningCaller): OperationPlan | PendingPlan;
  /** Resolves when operations can be planned. @throws Error (as a rejection) if the planning workers cannot be started */
  readonly ready: Promise<void>;
  /** `undefined` if operations are planned on the calling thread. */
  readonly statistics: PlanningStatistics | undefined;
  /** Ends the planning workers when the operations that wait for plans have them. */
  retire(): void;
  /** Ends the planning workers now. Operations that wait for plans are rejected with SERVER_SHUTTING_DOWN. */
  close(): Promise<void>;
}

/** Variable values by name, coerced, with defaults applied. */
export type VariableValues = Readonly<Record<string, unknown>>;

/** A variable of the client whose name a plan needs for itself. */
export interface RenamedVariable {
  readonly clientName: string;
  readonly planName: string;
}

/** An operation of a client, with what its plan depends on. */
export interface PlanOperationInput {
  /** Valid for the API schema. */
  readonly document: DocumentNode;
  /** The text of the document. */
  readonly query: string;
  /** `undefined` if the document has one operation. */
  readonly operationName: string | undefined;
  /**
   * The values of the variables in `@skip` and `@include`; by `getOverrideCondition`, which labels of `@override` are active; and those
   * of `listDeferConditions`, if the client accepts parts. The plan is for these values only.
   */
  readonly conditionValues: VariableValues;
  /**
   * The keys of the `AccessRequirement`s that the client does not meet. The plan fetches nothing that has one of them.
   * @default none
   */
  readonly unmetRequirements?: readonly string[] | undefined;
}

/** A caller that waits for a plan. */
export interface PlanningCaller {
  /** Callers with equal keys have one share of the planning workers. `undefined`: the share of all callers without a key. */
  readonly fairnessKey?: string | undefined;
  /** Aborted when the caller no longer waits. */
  readonly signal?: AbortSignalLike | undefined;
}

/** A plan that a worker makes for one or several callers. */
export interface PendingPlan {
  /**
   * @throws (as a rejection) what `planOperation` throws; GraphQLError REQUEST_CANCELLED if all callers have disconnected
   *   before the worker began
   */
  readonly plan: Promise<OperationPlan>;
  /** Adds a caller that waits for the same plan. @returns false if all callers have disconnected: plan the operation again */
  addCaller(caller: PlanningCaller): boolean;
}

/** What a planning worker receives of an operation. */
export type PlanningJob = Pick<
  PlanOperationInput,
  'query' | 'operationName' | 'conditionValues' | 'unmetRequirements'
>;

/** The fetches that answer an operation, and how their data becomes its response. */
export interface OperationPlan {
  /**
   * The operation that the plan answers: the client's, without `@skip` and `@include` and with some response keys
   * renamed. The response projection is compiled from it. It has the selections that the client may not access.
   */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The client's response keys, by the keys that the plan uses instead. Only renamed keys are listed. */
  readonly clientResponseKeys: ReadonlyMap<string, string>;
  /** `undefined` if the plan uses the same names for all variables. */
  readonly renamedVariable: RenamedVariable | undefined;
  /**
   * Executed one after the other; each stage is complete before the next begins. A query has at most one stage. A mutation
   * has one per root field, or one fetch for all. The first fetch of a subscription reads the event. Fetches for deferred fragments
   * alone are not among them.
   */
  readonly stages: readonly PlanNode[];
  /** `undefined` if nothing is deferred: all data is in one response. */
  readonly deferral: DeferralPlan | undefined;
  /** Present for subscriptions. */
  readonly subscription: SubscriptionPlan | undefined;
  /** Length of the stages as JSON: a measure of what the plan takes in memory. */
  readonly jsonLength: number;
}

/** How the deferred fragments of an operation are answered. */
export interface DeferralPlan {
  /** The number in the label of a fragment in `OperationPlan.document` is its index here. */
  readonly fragments: readonly DeferredFragment[];
  /** The fetches for deferred fragments. A fragment without a block needs no further fetches. */
  readonly blocks: readonly DeferredBlock[];
}

/** A fragment whose fields are sent in a later part of the response. */
export interface DeferredFragment {
  /** As the client gave it. */
  readonly label: string | undefined;
  /** The index of the deferred fragment around it. Its part is sent before. */
  readonly parent: number | undefined;
}

/** The fetches that one deferred fragment needs besides those of others. */
export interface DeferredBlock {
  /** The index of the fragment. */
  readonly fragment: number;
  /** The ids of the fetches, of the stages or of other blocks, after which the block can begin. */
  readonly dependsOn: readonly string[];
  /** `undefined` if the fragment needs no further fetches. */
  readonly node: PlanNode | undefined;
}

/** How the events of a subscription become responses. */
export interface SubscriptionPlan {
  /** The only root field. */
  readonly rootField: FieldNode;
  /** The subgraph that defines the field. Errors of the event name it. */
  readonly owner: Subgraph;
  /** Whether the plan has fetches besides the one that reads the event. */
  readonly hasSubgraphFetches: boolean;
  /**
   * How the event of a source is read. `undefined` if the owner provides the events: each is the response to the first fetch of
   * the plan, which is a subscription.
   */
  readonly sourceEvent: SourceEventPlan | undefined;
}

/** How the event of a source is read. */
export interface SourceEventPlan {
  readonly eventSubgraph: EventSubgraph;
  /** Executed on the schema of the event subgraph. */
  readonly document: DocumentNode;
}

/** A virtual subgraph that consists of one subscription field and the fields that its events carry. */
export interface EventSubgraph {
  /** The name of the subscription field. */
  readonly fieldName: string;
  /** The name that plan nodes use as `serviceName`. */
  readonly serviceName: string;
  /** The subgraph that defines the field. Errors of the event name it. */
  readonly owner: Subgraph;
  readonly schema: GraphQLSchema;
}

/**
 * The nodes of a plan have the format of Apollo's query plans, reduced to what the executor supports:
 * https://www.apollographql.com/docs/graphos/reference/federation/query-plans
 */
export type PlanNode = FetchNode | FlattenNode | SequenceNode | ParallelNode;

/** Executes nodes one after the other. */
export interface SequenceNode {
  readonly kind: 'Sequence';
  readonly nodes: readonly PlanNode[];
}

/** Executes nodes at the same time. */
export interface ParallelNode {
  readonly kind: 'Parallel';
  readonly nodes: readonly PlanNode[];
}

/** Executes a node for the objects at a path. */
export interface FlattenNode {
  readonly kind: 'Flatten';
  readonly path: PlanPath;
  readonly node: PlanNode;
}

/** The steps from the root, or from the outer `Flatten` node, to the objects of a fetch. */
export type PlanPath = readonly PlanPathStep[];

/** A response key, {@link EVERY_ELEMENT}, or a condition on the types of the objects at this place. */
export type PlanPathStep = string | TypeConditionStep;

/** The step of a {@link PlanPath} that stands for all elements of a list. */
export const EVERY_ELEMENT = '@';

/** The step of a {@link PlanPath} that leads on only from objects of these types. Objects without `__typename` pass. */
export interface TypeConditionStep {
  /** Names of object types. */
  readonly types: readonly string[];
}

/** Writes a path as Apollo's query plans do: a type condition is at the end of the step before it, as in `@|[Book,Film]`. */
export function formatPlanPath(path: PlanPath): string[] {
  const steps: string[] = [];
  for (const step of path) {
    if (typeof step === 'string') steps.push(step);
    else steps.push(`${steps.pop() ?? ''}|[${step.types.join(',')}]`);
  }
  return steps;
}

/** The response keys of a path, without its type conditions. */
export const removeTypeConditions = (path: PlanPath): readonly string[] =>
  path.filter((step) => typeof step === 'string');

/** One subgraph request, or several if there are many entities. */
export interface FetchNode {
  readonly kind: 'Fetch';
  /** Present if deferred blocks depend on the fetch. */
  readonly id?: string;
  readonly serviceName: string;
  readonly operationKind: OperationTypeNode;
  /** A document with one operation and no named fragments. */
  readonly operation: string;
  /** Equal for equal operations. */
  readonly operationName: string | undefined;
  /** The names of the client's variables that the operation uses. */
  readonly variableUsages: readonly string[];
  /** The fields of the representations; present if the operation fetches `_entities`. */
  readonly requires: readonly RequiredSelection[] | undefined;
  /** Applied to each representation. */
  readonly inputRewrites: readonly DataRewrite[];
  /** Applied to the response. */
  readonly outputRewrites: readonly DataRewrite[];
  /**
   * Reads variables of the operation from the objects above an entity (`@fromContext`). The path begins at the entity; its first
   * steps lead up: {@link PARENT_OBJECT}. `renameKeyTo` is the name of the variable.
   */
  readonly contextRewrites: readonly KeyRenamer[];
}

/** A selection of the fields that a fetch needs from an entity. */
export type RequiredSelection =
  | {
      readonly kind: 'Field';
      readonly name: string;
      readonly alias?: string;
      readonly selections?: readonly RequiredSelection[];
    }
  | {
      readonly kind: 'InlineFragment';
      readonly typeCondition?: string;
      readonly selections: readonly RequiredSelection[];
    };

/** Changes the values at a path. Steps of the path are response keys, or `... on Type`. */
export type DataRewrite =
  | { readonly kind: 'ValueSetter'; readonly path: readonly string[]; readonly setValueTo: unknown }
  | KeyRenamer;

/** How a step of the path of a {@link DataRewrite} begins that leads on only from objects of a type. */
export const TYPE_CONDITION_PREFIX = '... on ';

export interface KeyRenamer {
  readonly kind: 'KeyRenamer';
  readonly path: readonly string[];
  readonly renameKeyTo: string;
}

/** The step of a context rewrite that leads to the object which has the present one, or a list with it, as a field. */
export const PARENT_OBJECT = '..';
