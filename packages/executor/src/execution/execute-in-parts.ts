import { GraphQLError, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';
import { MAX_UNAUTHORIZED_ERRORS } from '../shared/client-access.js';
import {
  getOwnValue,
  isJsonObject,
  type JsonContainer,
  type JsonObject,
  type JsonPath,
} from '../shared/json.js';
import { selectLogger } from '../shared/logger.js';
import type {
  CompiledBlock,
  CompiledDeferral,
  CompiledOperation,
  CompiledStage,
} from './compile-operation.js';
import { findAddedData, mergeAddedData, type AddedData } from './added-data.js';
import { executeStage, executeStages, type ExecuteStage } from './execute-operation.js';
import {
  createExecutionState,
  type ExecutionEnvironment,
  type ExecutionRequest,
  type ExecutionState,
} from './execution-state.js';
import { findDeferredObjects, type DeferredObject } from './find-deferred-objects.js';
import {
  completeErrors,
  createProjectionState,
  logUnreportedErrors,
  projectResponse,
} from './project-response.js';
import { reportLostValues } from './lost-values.js';
import type { ProjectionState } from './projection-state.js';
import { reportErrorsWithoutPosition } from './report-field-errors.js';
import { projectObject } from './response-projection.js';
import {
  rebuildFieldErrorIndex,
  type AddFieldErrors,
  type FieldError,
  type FieldErrorIndex,
} from './response-tree.js';

/** A part of a response, before a transport writes it in the format that its client accepts. */
export interface ResponsePart {
  /** Of the first part only. It is changed when the next part is requested. */
  readonly result?: FormattedExecutionResult;
  /** The deferred fragments that this part announces: a later part, or the same one, completes them. */
  readonly pending: readonly PendingFragment[];
  readonly completed: readonly CompletedFragment[];
  readonly hasNext: boolean;
}

/** A deferred fragment of one object. */
export interface PendingFragment {
  /** Unique in the response. */
  readonly id: string;
  /** The path of the object in the response. */
  readonly path: JsonPath;
  /** As the client gave it. */
  readonly label: string | undefined;
}

/** What a deferred fragment adds to the response. */
export interface CompletedFragment {
  readonly fragment: PendingFragment;
  /** The fields that no earlier part has; `undefined` if a null reached the fragment itself. What was sent before stays. */
  readonly added: readonly AddedData[] | undefined;
  readonly errors: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** An execution whose response is requested part by part. */
export interface ExecutionInParts {
  /** Ending the iteration early ends the execution too: no further fetches begin. */
  readonly parts: AsyncGenerator<ResponsePart, void>;
  /** Resolves when all subgraph requests have ended and no further ones begin. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Executes an operation that has a deferral. All fetches fill one response tree: those of the stages, and those of a block as soon as
 * the fetches that it depends on are done. A fragment is projected when its part is requested, so that a slow client costs no more
 * memory than the response tree.
 */
export function executeInParts(
  operation: CompiledOperation,
  request: ExecutionRequest,
  environment: ExecutionEnvironment,
): ExecutionInParts {
  if (!operation.deferral) throw new Error('Nothing of the operation is deferred.');
  const fetching = new DeferredFetching(operation, operation.deferral, request, environment);
  return {
    parts: createParts(operation, operation.deferral, fetching, request, environment),
    ended: fetching.ended,
  };
}

/** A deferred fragment that is not sent yet. */
interface PendingObject extends DeferredObject {
  readonly pending: PendingFragment;
}

async function* createParts(
  operation: CompiledOperation,
  deferral: CompiledDeferral,
  fetching: DeferredFetching,
  request: ExecutionRequest,
  environment: ExecutionEnvironment,
): AsyncGenerator<ResponsePart, void> {
  const { fragments, primaryProjection } = deferral;
  /** By fragment. */
  const waiting = new Map<number, PendingObject[]>();
  let announcedCount = 0;
  const announce = (objects: readonly DeferredObject[]): readonly PendingFragment[] =>
    objects.map((object) => {
      const label = fragments[object.fragment]?.label;
      const pending: PendingFragment = { id: String(announcedCount++), path: object.path, label };
      const others = waiting.get(object.fragment);
      if (others) others.push({ ...object, pending });
      else waiting.set(object.fragment, [{ ...object, pending }]);
      return pending;
    });
  try {
    await fetching.primaryDone;
    const { tree } = fetching;
    const result = projectResponse(
      { responseProjection: primaryProjection, reportedPaths: operation.reportedPaths },
      { ...tree, sharedValues: NOTHING_SHARED },
      request,
      environment,
    );
    const delivered = result.data ?? undefined;
    const projector = new FragmentProjector(fetching, delivered, request, environment);
    const announced = announce(
      delivered ? findDeferredObjects(primaryProjection, tree.data, delivered, [], []) : [],
    );
    yield { result, pending: announced, completed: [], hasNext: waiting.size > 0 };

    while (waiting.size > 0) {
      const ready = [...waiting.keys()].filter((fragment) => fetching.isFetched(fragment));
      if (ready.length === 0) {
        await fetching.progress;
        continue;
      }
      const completed: CompletedFragment[] = [];
      const nested: DeferredObject[] = [];
      for (const fragment of ready) {
        const objects = waiting.get(fragment) ?? [];
        waiting.delete(fragment);
        completed.push(...projector.project(fragment, objects, nested));
      }
      const pending = announce(nested);
      yield { pending, completed, hasNext: waiting.size > 0 };
    }
  } finally {
    fetching.cancel();
  }
}

/** Its objects are changed when later parts are added. */
const NOTHING_SHARED: ReadonlySet<object> & Set<object> = new Set();

/** Executes the stages and blocks of a deferred operation. */
class DeferredFetching {
  /** The state of the stages. All blocks have its response tree. */
  readonly tree: ExecutionState;
  /** Resolves when all stages are complete. */
  readonly primaryDone: Promise<void>;
  readonly ended: Promise<void>;
  private resolveEnded!: () => void;
  /** Resolves when the next block is fetched. */
  progress: Promise<void>;
  private resolveProgress!: () => void;
  private readonly fetchedIds = new Set<string>();
  private waitingBlocks: readonly CompiledBlock[];
  /** By fragment: the errors of its block, with those of the blocks and stages that were before it. */
  private readonly blockErrors = new Map<number, readonly AddFieldErrors[]>();
  /** The fragments whose blocks are not complete. */
  private readonly unfetched: Set<number>;
  private runningCount = 1;
  private hasStages = false;

  constructor(
    private readonly operation: CompiledOperation,
    private readonly deferral: CompiledDeferral,
    private readonly request: ExecutionRequest,
    private readonly environment: ExecutionEnvironment,
  ) {
    this.tree = createExecutionState(operation, request, environment);
    this.waitingBlocks = deferral.blocks;
    this.unfetched = new Set(deferral.blocks.map(({ fragment }) => fragment));
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
    this.progress = this.createProgress();
    this.primaryDone = this.run(this.tree, operation.stages).then(() => {
      this.hasStages = true;
      this.finishRun();
    });
    this.startBlocks();
  }

  /** Whether all fetches of a fragment, and of those around it, are done. */
  isFetched(fragment: number): boolean {
    if (this.unfetched.has(fragment)) return false;
    const parent = this.deferral.fragments[fragment]?.parent;
    return parent === undefined || this.isFetched(parent);
  }

  /** The errors that can concern the fields of a fragment, in their order. */
  getErrors(fragment: number | undefined): readonly AddFieldErrors[] {
    if (fragment === undefined) return this.tree.addedErrors;
    const around = this.getErrors(this.deferral.fragments[fragment]?.parent);
    return [...new Set([...around, ...(this.blockErrors.get(fragment) ?? [])])];
  }

  /** No further blocks begin. */
  cancel(): void {
    this.waitingBlocks = [];
    this.endIfIdle();
  }

  private readonly executeStage: ExecuteStage = async (state, stage) => {
    if (stage.kind === 'Sequence') {
      for (const node of stage.nodes) await this.executeStage(state, node);
    } else if (stage.kind === 'Parallel') {
      await Promise.all(stage.nodes.map((node) => this.executeStage(state, node)));
    } else {
      await executeStage(state, stage);
      if (stage.kind !== 'Fetch' || stage.id === undefined || this.fetchedIds.has(stage.id)) return;
      this.fetchedIds.add(stage.id);
      this.startBlocks();
    }
  };

  /** Never rejects. */
  private run(state: ExecutionState, stages: readonly CompiledStage[]): Promise<void> {
    return executeStages(state, stages, this.executeStage);
  }

  private startBlocks(): void {
    if (this.deferral.isSerial && !this.hasStages) return;
    this.startAll((block) => block.dependsOn.every((id) => this.fetchedIds.has(id)));
  }

  private startAll(canStart: (block: CompiledBlock) => boolean): void {
    const started = this.waitingBlocks.filter(canStart);
    if (started.length === 0) return;
    this.waitingBlocks = this.waitingBlocks.filter((block) => !started.includes(block));
    this.runningCount += started.length;
    for (const block of started) void this.runBlock(block);
  }

  private async runBlock({ fragment, stage }: CompiledBlock): Promise<void> {
    if (stage) {
      const state: ExecutionState = {
        ...createExecutionState(this.operation, this.request, this.environment),
        data: this.tree.data,
        sharedValues: this.tree.sharedValues,
        addedErrors: [...this.getErrors(this.deferral.fragments[fragment]?.parent)],
      };
      state.fieldErrors = rebuildFieldErrorIndex(state);
      this.blockErrors.set(fragment, state.addedErrors);
      await this.run(state, [stage]);
    }
    this.unfetched.delete(fragment);
    const { resolveProgress } = this;
    this.progress = this.createProgress();
    resolveProgress();
    this.finishRun();
  }

  private finishRun(): void {
    this.runningCount -= 1;
    this.startBlocks();
    // A block never waits for a fetch that is not in the plan.
    if (this.runningCount === 0) this.startAll(() => true);
    this.endIfIdle();
  }

  private endIfIdle(): void {
    if (this.runningCount === 0 && this.waitingBlocks.length === 0) this.resolveEnded();
  }

  private createProgress(): Promise<void> {
    return new Promise((resolve) => (this.resolveProgress = resolve));
  }
}

/** Projects deferred fragments and adds them to the response that the client has so far. */
class FragmentProjector {
  /** The errors without a field that earlier parts have. */
  private readonly settledErrors: Set<FieldError>;
  private unauthorizedCount = 0;

  /** @param delivered the data of the first part */
  constructor(
    private readonly fetching: DeferredFetching,
    private readonly delivered: JsonObject | undefined,
    private readonly request: ExecutionRequest,
    private readonly environment: ExecutionEnvironment,
  ) {
    this.settledErrors = new Set(rebuildFieldErrorIndex(fetching.tree)?.all);
  }

  /** @param nested receives the objects of the deferred fragments inside */
  project(
    fragment: number,
    objects: readonly PendingObject[],
    nested: DeferredObject[],
  ): readonly CompletedFragment[] {
    const addedErrors = [...this.fetching.getErrors(fragment)];
    const fieldErrors = rebuildFieldErrorIndex({ fieldErrors: undefined, addedErrors });
    const reportedErrors = new Set(this.settledErrors);
    return objects.map((object, index) => {
      const isLast = index === objects.length - 1;
      return this.projectObject(object, fieldErrors, isLast, reportedErrors, nested);
    });
  }

  private projectObject(
    { pending, path, treePath, projection }: PendingObject,
    fieldErrors: FieldErrorIndex | undefined,
    isLast: boolean,
    reportedErrors: Set<FieldError>,
    nested: DeferredObject[],
  ): CompletedFragment {
    const { tree } = this.fetching;
    const object = getObjectAt(tree.data, treePath);
    const delivered = getObjectAt(this.delivered, path);
    const state = createProjectionState(tree, fieldErrors, [...path], NOTHING_SHARED);
    const data = projectObject(projection, object, state);
    const added = data && findAddedData(delivered, data);
    if (fieldErrors) this.completeFieldErrors(state, fieldErrors, isLast, reportedErrors);
    this.limitUnauthorizedErrors(state, !added);
    const { errors, extensions } = completeErrors(state, [], this.request, this.environment);
    const newErrors = errors.filter((error) => !isNullBefore(this.delivered, path, error.path));
    if (added) {
      mergeAddedData(added);
      nested.push(...findDeferredObjects(projection, object, delivered, path, treePath));
    }
    return {
      fragment: pending,
      added: added ?? undefined,
      errors: newErrors.map((error) => this.request.formatError(moveBelow(error, path))),
      ...(extensions && { extensions }),
    };
  }

  /** Errors that lead to no field are reported once for all objects of the fragment. */
  private completeFieldErrors(
    state: ProjectionState,
    fieldErrors: FieldErrorIndex,
    isLast: boolean,
    reportedErrors: Set<FieldError>,
  ): void {
    reportLostValues(state);
    for (const error of state.reportedErrors ?? []) reportedErrors.add(error);
    if (!isLast) return;
    state.reportedErrors = reportedErrors;
    reportErrorsWithoutPosition(state);
    logUnreportedErrors(state, selectLogger(this.request.context, this.environment.logger));
    for (const error of fieldErrors.all) this.settledErrors.add(error);
  }

  /** The whole response has a maximum number of these errors, but a fragment that is null has one. */
  private limitUnauthorizedErrors({ unauthorizedPaths }: ProjectionState, isNull: boolean): void {
    if (!unauthorizedPaths) return;
    const remaining = Math.max(MAX_UNAUTHORIZED_ERRORS - this.unauthorizedCount, isNull ? 1 : 0);
    if (unauthorizedPaths.length > remaining) unauthorizedPaths.length = remaining;
    this.unauthorizedCount += unauthorizedPaths.length;
  }
}

/** @throws Error if there is no object at the path; fragments are deferred for objects that the client has */
function getObjectAt(root: JsonObject | undefined, path: JsonPath): JsonObject {
  let value: unknown = root;
  for (const step of path) value = getOwnValue(value as JsonContainer, step);
  if (!isJsonObject(value)) throw new Error('The object of a deferred fragment is missing.');
  return value;
}

/** Whether the path of an error leads to a null that an earlier part has: that part has its error. */
function isNullBefore(
  delivered: JsonObject | undefined,
  fragmentPath: JsonPath,
  errorPath: JsonPath | undefined,
): boolean {
  if (!errorPath || errorPath.length <= fragmentPath.length) return false;
  let value: unknown = delivered;
  for (const step of errorPath) {
    if (typeof value !== 'object' || value === null) return value === null;
    value = getOwnValue(value as JsonContainer, step);
  }
  return value === null;
}

/** An error of many objects has the path of the list in which they are. Here it concerns one of them. */
function moveBelow(error: GraphQLError, path: JsonPath): GraphQLError {
  if (path.length === 0 || (error.path && error.path.length >= path.length)) return error;
  const { message, extensions, originalError } = error;
  return new GraphQLError(message, { path, extensions, originalError: originalError ?? null });
}
