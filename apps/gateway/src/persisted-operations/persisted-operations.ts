import { readFileSync } from 'node:fs';
import type { RequestedDocument, TransportHooks } from '@seguridad-abc/executor';
import { ExpectedError, getErrorMessage, StartError, type Logger } from '@seguridad-abc/platform';
import { getIntrospectionQuery, GraphQLError, type GraphQLSchema } from 'graphql';
import type { GatewayConfig } from '../config.js';
import { watchFile } from '../files/watch-file.js';
import type { GatewaySession } from '../requests/authentication.js';
import { CONSOLE_OPERATIONS, TOOL_OPERATIONS } from './generated.js';
import { findInvalidOperations, parseManifest } from './manifest.js';
import { createSafelist, hashDocument, type ListedOperation, type Safelist } from './safelist.js';
import { createUnknownDocumentLog } from './unknown-document-log.js';

/** The hooks that find the document of a request. */
export type DocumentHooks = Pick<
  TransportHooks<never, GatewaySession>,
  'resolveDocument' | 'mayRegisterDocument'
>;

export interface PersistedOperationsOptions {
  readonly mode: GatewayConfig['PERSISTED_OPERATIONS_MODE'];
  /** Paths of manifests in Apollo's format. */
  readonly manifestPaths: readonly string[];
  /** The API schema that is served now. */
  readonly getSchema: () => GraphQLSchema;
  /** Whether clients may run introspection queries. Those of GraphiQL and graphql-js are then listed. */
  readonly hasIntrospection: boolean;
  readonly maxDocumentBytes: number;
  readonly logger: Logger;
}

/** The operations that clients may run, kept up to date with their manifests. */
export interface PersistedOperations {
  readonly hooks: DocumentHooks;
  /** Logs the listed operations that another supergraph has made invalid. */
  checkListedOperations(): void;
  /** Stops watching the manifests. */
  stop(): void;
}

/** @throws StartError if a manifest is invalid; the message names the operation */
export async function createPersistedOperations(
  options: PersistedOperationsOptions,
): Promise<PersistedOperations> {
  const { mode, logger } = options;
  // Anonymous callers could fill the memory with documents, and drop those of others.
  const mayRegisterDocument = ({ credentials }: GatewaySession) => credentials.caller !== undefined;
  if (mode === 'off') return { hooks: { mayRegisterDocument }, checkListedOperations: ignore, stop: ignore };

  const manifests = await watchManifests(options);
  const unknownDocuments = createUnknownDocumentLog(logger, () => performance.now());
  const logUnknown = (text: string, session: GatewaySession, isRefused: boolean) =>
    unknownDocuments.record({ text, role: session.credentials.caller?.role ?? 'anonymous', isRefused });

  const resolveAny = ({ query, documentId }: RequestedDocument, session: GatewaySession) => {
    const { safelist } = manifests;
    if (query === '') return documentId === undefined ? undefined : safelist.getById(documentId);
    if (safelist.findByText(query) === undefined) logUnknown(query, session, false);
    return undefined;
  };
  const resolveListed = ({ query, documentId }: RequestedDocument, session: GatewaySession) => {
    const { safelist } = manifests;
    if (query === '') {
      const body = safelist.getById(documentId ?? '');
      // Apollo's clients then send the text, which may be listed under another id.
      if (body === undefined) throw createDocumentNotFoundError();
      return body;
    }
    const body = safelist.findByText(query);
    if (body === undefined) {
      logUnknown(query, session, true);
      throw createUnlistedOperationError(
        'This operation is not in the list of allowed operations. ' +
          'Add it to the manifest of your app, and the manifest to the gateway.',
      );
    }
    const named = documentId === undefined ? undefined : safelist.getById(documentId);
    if (named !== undefined && named !== body) {
      throw new ExpectedError(
        'BAD_REQUEST',
        'The id and the text name different operations. Send one of them.',
      );
    }
    return body;
  };
  const resolveListedId = ({ query, documentId }: RequestedDocument, session: GatewaySession) => {
    if (query !== '') {
      if (manifests.safelist.findByText(query) === undefined) logUnknown(query, session, true);
      throw createUnlistedOperationError(
        'This gateway runs operations by id only. Send the id of the operation in the manifest as "documentId" or ' +
          'in the extension "persistedQuery", without "query".',
      );
    }
    const body = manifests.safelist.getById(documentId ?? '');
    if (body !== undefined) return body;
    throw createUnlistedOperationError(
      'No allowed operation has this id. Add the manifest of your app to the gateway.',
    );
  };

  const hooks: Readonly<Record<Exclude<typeof mode, 'off'>, DocumentHooks>> = {
    'log-unknown': { resolveDocument: resolveAny, mayRegisterDocument },
    enforce: { resolveDocument: resolveListed, mayRegisterDocument: () => false },
    'ids-only': { resolveDocument: resolveListedId, mayRegisterDocument: () => false },
  };
  return {
    hooks: hooks[mode],
    checkListedOperations: () => void manifests.checkListedOperations(),
    stop: () => manifests.stop(),
  };
}

const ignore = (): void => undefined;

const createUnlistedOperationError = (message: string) => new ExpectedError('OPERATION_NOT_ALLOWED', message);

/** Apollo's clients match this exact message. As for automatic persisted queries, the HTTP status is 200. */
const createDocumentNotFoundError = () =>
  new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', http: { status: 200 } },
  });

interface WatchedManifests {
  /** Replaced when a manifest changes. */
  readonly safelist: Safelist;
  checkListedOperations(): Promise<void>;
  stop(): void;
}

/** @throws StartError */
async function watchManifests(options: PersistedOperationsOptions): Promise<WatchedManifests> {
  const { mode, manifestPaths, getSchema, hasIntrospection, maxDocumentBytes, logger } = options;
  const ownOperations = [
    ...TOOL_OPERATIONS,
    ...CONSOLE_OPERATIONS,
    ...(hasIntrospection ? listIntrospectionQueries() : []),
  ];
  let manifests: ReadonlyMap<string, readonly ListedOperation[]> = new Map(
    manifestPaths.map((path) => [path, parseManifestFile(path, readManifest(path))]),
  );

  let validBodies: ReadonlySet<string> = new Set();
  /** @throws StartError */
  const createValidSafelist = async (next: typeof manifests) => {
    const operations = [...next.values()].flat();
    const problems = await findInvalidOperations(operations, getSchema(), validBodies);
    if (problems.length > 0)
      throw new StartError(`${problems.join(' ')} Correct it, and generate the manifest again.`);
    const created = createSafelist([...ownOperations, ...operations], maxDocumentBytes);
    validBodies = new Set(operations.map(({ body }) => body));
    logger.info({ mode, operations: created.size }, 'the list of allowed operations is loaded');
    return created;
  };

  let safelist: Safelist;
  try {
    safelist = await createValidSafelist(manifests);
  } catch (error) {
    throw new StartError(`PERSISTED_OPERATIONS_MANIFEST cannot be used: ${getErrorMessage(error)}`);
  }
  if (manifestPaths.length === 0) {
    logger.warn(
      { mode },
      'PERSISTED_OPERATIONS_MANIFEST is not set: only the operations of the command-line tools and of the console are listed',
    );
  }

  let lastReload: Promise<unknown> = Promise.resolve();
  const reload = (path: string, text: string): Promise<void> => {
    const reloaded = lastReload.then(async () => {
      const next = new Map(manifests).set(path, parseManifestFile(path, text));
      safelist = await createValidSafelist(next);
      // An invalid manifest is forgotten, so that it does not prevent changes of the others.
      manifests = next;
    });
    lastReload = reloaded.catch(ignore);
    return reloaded;
  };
  const stopWatching = manifestPaths.map((path) =>
    watchFile({
      path,
      currentText: readManifest(path),
      onChange: (text) => reload(path, text),
      logger,
      messages: {
        changed: 'the changed manifest is now used',
        invalid:
          'the changed manifest is invalid; the previous list of operations is still used. Generate it again',
        unwatched: 'the manifest is no longer watched; restart the gateway after a change',
      },
    }),
  );

  return {
    get safelist() {
      return safelist;
    },
    async checkListedOperations() {
      const problems = await findInvalidOperations([...manifests.values()].flat(), getSchema());
      validBodies = new Set();
      if (problems.length > 0) {
        logger.warn(
          { problems: problems.slice(0, MAX_LOGGED_PROBLEMS), problemCount: problems.length },
          'the supergraph has changed, and some listed operations are no longer valid. Update the apps that use them',
        );
      }
    },
    stop: () => stopWatching.forEach((stop) => stop()),
  };
}

const MAX_LOGGED_PROBLEMS = 20;

/** @throws StartError */
function readManifest(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(
      `The manifest ${path} cannot be read: ${getErrorMessage(error)}. Correct PERSISTED_OPERATIONS_MANIFEST.`,
    );
  }
}

/** @throws StartError */
function parseManifestFile(path: string, text: string): readonly ListedOperation[] {
  try {
    return parseManifest(text);
  } catch (error) {
    throw new StartError(`The manifest ${path} is invalid. ${getErrorMessage(error)}`);
  }
}

/** The introspection queries of GraphiQL and of tools that use the defaults of graphql-js. */
const listIntrospectionQueries = (): ListedOperation[] =>
  [
    getIntrospectionQuery(),
    getIntrospectionQuery({ descriptions: false }),
    getIntrospectionQuery({ schemaDescription: true, inputValueDeprecation: true }),
    getIntrospectionQuery({
      schemaDescription: true,
      inputValueDeprecation: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      oneOf: true,
    }),
  ].map((body) => ({ id: hashDocument(body), name: 'IntrospectionQuery', type: 'query', body }));
