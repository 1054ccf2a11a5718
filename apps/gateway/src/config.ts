import type { AuthorizationOptions, OperationLimits, PlanningPoolOptions } from '@seguridad-abc/executor';
import {
  booleanSetting,
  certificateFileSetting,
  commonSettings,
  createCountSetting,
  createMillisecondsSetting,
  createPortSetting,
  hostListSetting,
  readSettings,
  type EnvironmentVariables,
} from '@seguridad-abc/platform';
import proxyAddr from 'proxy-addr';
import { z } from 'zod';
import { subgraphSubscriptionsSetting } from './supergraph/subgraph-subscriptions.js';
import { subgraphUrlsSetting } from './supergraph/subgraph-url.js';

/** Without a default: the URL in the supergraph then applies. */
const optionalPortSetting = createPortSetting(1).unwrap().optional();

const ORIGIN_LIST_PATTERN = /^https?:\/\/[^\s,/]+(\s*,\s*https?:\/\/[^\s,/]+)*$/;

/** Whether proxy-addr accepts a text as an address, a range or the name of ranges. */
function isProxyRange(text: string): boolean {
  try {
    return typeof proxyAddr.compile(text) === 'function';
  } catch {
    return false;
  }
}

const createNameListSetting = (defaultNames: readonly string[]) =>
  z
    .string()
    .transform((names): readonly string[] =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    .default([...defaultNames]);

/** Greatest value of a setting for a cost. */
const MAX_COST = 1_000_000_000;
const MAX_TIER_FACTOR = 1_000;

/** The gateway's settings, by environment variable. */
export const gatewaySettings = {
  ...commonSettings,
  GATEWAY_PORT: createPortSetting(4000),
  /**
   * Path of the supergraph SDL file, which the gateway reloads when it changes. Or `introspect`: the gateway composes the
   * running subgraphs of SUPERGRAPH_CONFIG.
   */
  SUPERGRAPH: z.string().default('./supergraph.graphql'),
  /** Path of the file that lists names and URLs of the subgraphs, for `SUPERGRAPH=introspect`. */
  SUPERGRAPH_CONFIG: z.string().default('./supergraph.yaml'),
  /** Interval at which the schemas of the running subgraphs are requested, for `SUPERGRAPH=introspect`. */
  SUPERGRAPH_POLL_INTERVAL_MS: createMillisecondsSetting(5_000, 100, 3_600_000),
  /** Hosts that belong to this installation, separated by commas. Only they and this machine get the installation secret. */
  INTERNAL_HOSTS: hostListSetting,
  /** Path of a PEM file with certificates of authorities to trust for `https` subgraphs, besides those of Node.js. @default none */
  SUBGRAPH_CA_FILE: certificateFileSetting,
  /**
   * How long requests wait while a subgraph is being replaced, if they are not sent yet. The port of a subgraph that stays closed for
   * longer belongs to one that is down: requests then fail at once. 0: they never wait.
   */
  SUBGRAPH_WAIT_MS: createMillisecondsSetting(5_000, 0, 300_000),
  /** Names of the `extensions` of subgraphs' errors that clients receive besides `code`, separated by commas. `*` for all. */
  SUBGRAPH_ERROR_EXTENSIONS: createNameListSetting(['*']),
  /** Names of the `extensions` of subgraphs' responses that clients receive, separated by commas. `*` for all. @default none */
  SUBGRAPH_EXTENSIONS: createNameListSetting([]),
  /** Responses of this size are compressed if the client accepts it, in bytes. 0 turns compression off. */
  MIN_COMPRESSED_BYTES: createCountSetting(1_024, 0, 1_073_741_824),
  /** Whether traces carry the documents of operations. Literal values in them can be personal data. */
  TRACE_DOCUMENTS: booleanSetting,
  /** Redis channels that provide subscription fields: JSON, or the path of a JSON file. @default none */
  SUBSCRIPTION_CHANNELS: z.string().optional(),
  /**
   * The subgraphs that provide the events of their subscription fields, unless another source does: `reviews=ws,news=sse`, with
   * commas between. `ws` stands for graphql-transport-ws, `sse` for server-sent events. A URL in place of it is used for
   * subscriptions only; its scheme says which of the two. `*` stands for all other subgraphs. @default none
   */
  SUBGRAPH_SUBSCRIPTIONS: subgraphSubscriptionsSetting,
  /** Maximum number of subscriptions that the gateway runs at one subgraph at the same time. */
  MAX_SUBGRAPH_SUBSCRIPTIONS: createCountSetting(10_000, 1, 1_000_000),
  /** How long the gateway tries to start the subscriptions at a subgraph again after an interruption. Then they end. */
  SUBGRAPH_SUBSCRIPTION_RETRY_MS: createMillisecondsSetting(60_000, 0, 86_400_000),
  /** Maximum size of a request body of an anonymous client, after decompression. */
  MAX_ANONYMOUS_BODY_BYTES: createCountSetting(65_536, 1_024, 67_108_864), // 64 KiB
  /** How much the time of a device's signature may differ from the gateway's clock, in seconds. */
  MAX_SIGNATURE_AGE_SECONDS: createCountSetting(300, 10, 3_600), // 5 minutes
  /** Maximum size of any request body, after decompression, and of a WebSocket message. */
  MAX_BODY_BYTES: createCountSetting(2_097_152, 1_024, 67_108_864), // 2 MiB
  /** Maximum size of a GraphQL document. */
  MAX_DOCUMENT_BYTES: createCountSetting(262_144, 100, 67_108_864), // 256 KiB
  /** Maximum number of tokens of a GraphQL document. */
  MAX_DOCUMENT_TOKENS: createCountSetting(10_000, 10, 1_000_000),
  /** Maximum number of operations in a GraphQL document. */
  MAX_DOCUMENT_OPERATIONS: createCountSetting(20, 1, 10_000),
  /** Maximum depth of nested fields. The introspection query of common tools has 15. */
  MAX_DEPTH: createCountSetting(15, 1, 1_000),
  /** Maximum number of selections of an operation, with the selections of a fragment counted at each spread. */
  MAX_SELECTIONS: createCountSetting(5_000, 1, 1_000_000),
  /** Maximum number of root fields of an operation. */
  MAX_ROOT_FIELDS: createCountSetting(20, 1, 10_000),
  /** Maximum number of aliases of an operation. */
  MAX_ALIASES: createCountSetting(30, 0, 100_000),
  /** Maximum number of directives of an operation. */
  MAX_DIRECTIVES: createCountSetting(50, 0, 100_000),
  /** Maximum depth of nested lists and objects in variables. */
  MAX_VARIABLE_DEPTH: createCountSetting(20, 1, 1_000),
  /** Maximum number of values in variables. */
  MAX_VARIABLE_VALUES: createCountSetting(50_000, 1, 10_000_000),
  /** Maximum size of one text in a document or in variables. The subgraphs check the length of each field. */
  MAX_TEXT_BYTES: createCountSetting(65_536, 1, 2_097_152),
  /** Number of operations that are planned at the same time, each in its own thread. One more thread is kept ready. */
  PLAN_WORKERS: createCountSetting(1, 1, 64),
  /** Time after which the planning of an operation is stopped and the operation rejected; CPU time, if the machine is busy. */
  PLAN_TIMEOUT_MS: createMillisecondsSetting(2_000, 10, 600_000),
  /** Maximum heap of one planning thread in megabytes. */
  PLAN_WORKER_MEMORY_MB: createCountSetting(512, 32, 65_536),
  /** Maximum number of new operations that wait to be planned. */
  MAX_QUEUED_PLANS: createCountSetting(1_000, 1, 1_000_000),
  /** Maximum number of new operations of one caller, or of the clients without a token at one address, that wait to be planned. */
  MAX_QUEUED_PLANS_PER_CALLER: createCountSetting(100, 1, 1_000_000),
  /** Greatest estimated cost of one operation of an anonymous client. */
  MAX_COST_ANONYMOUS: createCountSetting(1_000, 0, MAX_COST),
  /** Greatest estimated cost of one operation of a device. */
  MAX_COST_DEVICE: createCountSetting(1_000, 0, MAX_COST),
  /** Greatest estimated cost of one operation of a customer. */
  MAX_COST_CUSTOMER: createCountSetting(20_000, 0, MAX_COST),
  /** Greatest estimated cost of one operation of an operator. */
  MAX_COST_OPERATOR: createCountSetting(100_000, 0, MAX_COST),
  /**
   * Cost that a caller may use per minute, and at once, by role: estimated costs of operations and other work. Callers without a
   * token count together if they have one address.
   */
  RATE_LIMIT_ANONYMOUS: createCountSetting(10_000, 1, MAX_COST),
  RATE_BURST_ANONYMOUS: createCountSetting(10_000, 1, MAX_COST),
  RATE_LIMIT_DEVICE: createCountSetting(20_000, 1, MAX_COST),
  RATE_BURST_DEVICE: createCountSetting(20_000, 1, MAX_COST),
  RATE_LIMIT_CUSTOMER: createCountSetting(100_000, 1, MAX_COST),
  RATE_BURST_CUSTOMER: createCountSetting(100_000, 1, MAX_COST),
  RATE_LIMIT_OPERATOR: createCountSetting(10_000_000, 1, MAX_COST),
  RATE_BURST_OPERATOR: createCountSetting(10_000_000, 1, MAX_COST),
  /** Factors of these limits by the value of the token's claim AUTH_TIER_CLAIM, such as `gold=10,trial=0.1`. @default none */
  RATE_LIMIT_TIERS: z
    .string()
    .transform((tiers, context) => {
      const entries = tiers.split(',').map((entry): [string, number] => {
        const [, tier = '', factor = ''] = /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(entry.trim()) ?? [];
        if (tier === '' || Number(factor) <= 0 || Number(factor) > MAX_TIER_FACTOR) {
          const message = `must be like gold=10,trial=0.1 with factors up to ${MAX_TIER_FACTOR}: "${entry.trim()}" is not`;
          context.addIssue({ code: 'custom', message });
        }
        return [tier, Number(factor)];
      });
      return new Map(entries);
    })
    .default(new Map<string, number>()),
  /** Maximum number of bad tokens that one address may send this gateway per minute. */
  MAX_BAD_TOKENS_PER_MINUTE: createCountSetting(120, 1, 1_000_000),
  /** Maximum number of WebSockets of one address at this gateway that have not sent `connection_init`. */
  MAX_HANDSHAKES_PER_ADDRESS: createCountSetting(500, 1, 1_000_000),
  /** Maximum number of open WebSockets of one caller in this gateway. */
  MAX_SOCKETS_PER_CALLER: createCountSetting(100, 1, 1_000_000),
  /** Maximum number of operations that one caller runs at the same time in this gateway. Running subscriptions do not count. */
  MAX_OPERATIONS_PER_CALLER: createCountSetting(200, 1, 1_000_000),
  /** Maximum number of running subscriptions of one caller in this gateway. A long one counts several times. */
  MAX_SUBSCRIPTIONS_PER_CALLER: createCountSetting(500, 1, 1_000_000),
  /**
   * Which documents run, for all callers.
   * - `off`: all. Manifests are not read.
   * - `log-unknown`: all. Unlisted ones are logged.
   * - `enforce`: listed ones, named by id or sent as text.
   * - `ids-only`: listed ones, named by id.
   */
  PERSISTED_OPERATIONS_MODE: z.enum(['off', 'log-unknown', 'enforce', 'ids-only']).default('off'),
  /** Paths of manifests in Apollo's format, separated by commas. They are reloaded when they change. @default none */
  PERSISTED_OPERATIONS_MANIFEST: z
    .string()
    .transform((paths) => paths.split(',').map((path) => path.trim()))
    .pipe(z.array(z.string().min(1, 'must be paths with commas between')))
    .default([]),
  /**
   * What happens to an operation that selects fields which its caller may not access, by the authorization directives of the
   * supergraph.
   * - `filter`: it is executed without these fields, which are null.
   * - `reject`: it is not executed.
   */
  UNAUTHORIZED_OPERATIONS: z.enum(['filter', 'reject']).default('filter'),
  /** Where clients find the errors of these fields: in `errors`, in `extensions.authorizationErrors`, or nowhere. */
  UNAUTHORIZED_ERRORS: z.enum(['errors', 'extensions', 'disabled']).default('errors'),
  /** Whether the paths of these fields are logged for each request. The audit trail counts such requests in any case. */
  UNAUTHORIZED_LOG: booleanSetting,
  /** Whether such operations are executed unchanged, with the errors that they would have. */
  UNAUTHORIZED_DRY_RUN: booleanSetting,
  /** Maximum size of all documents that clients register as automatic persisted queries. 0 turns them off. */
  PERSISTED_QUERY_CACHE_BYTES: createCountSetting(16_777_216, 0, 1_073_741_824), // 16 MiB
  /** Maximum number of concurrent subscriptions of all clients of this gateway. */
  MAX_SUBSCRIPTIONS: createCountSetting(100_000, 1, 10_000_000),
  /** A subscription ends after this time; its client subscribes again. */
  SUBSCRIPTION_LIFETIME_MS: createMillisecondsSetting(86_400_000, 1_000, 2_147_483_647),
  /**
   * GraphQL URLs of the instances of subgraphs: `reports=http://a:4002/graphql,http://b:4002/graphql;heartbeat=…`. They share the
   * requests. They override the ports below and the URLs in the supergraph. @default each subgraph has one instance
   */
  SUBGRAPH_URLS: subgraphUrlsSetting,
  /** Ports of this product's subgraphs on this machine. Each overrides the subgraph's URL in the supergraph. */
  MONITORING_PORT: optionalPortSetting,
  REPORTS_PORT: optionalPortSetting,
  HEARTBEAT_PORT: optionalPortSetting,
  /**
   * Proxies in front of the gateway, separated by commas: addresses, ranges such as 10.0.0.0/8, `loopback`, `linklocal` and
   * `uniquelocal`. Only they may name the client's address, in the header X-Forwarded-For. @default none
   */
  TRUSTED_PROXIES: z
    .string()
    .transform((proxies, context) =>
      proxies.split(',').map((entry) => {
        const proxy = entry.trim();
        if (isProxyRange(proxy)) return proxy;
        const message = `must be addresses, ranges or loopback with commas between: "${proxy}" is neither`;
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      }),
    )
    .default([]),
  /** Whether the gateway serves the console at `/`. */
  CONSOLE: z.enum(['on', 'off']).default('on'),
  /** Id of the console at the issuer of AUTH_ISSUER, where it is a public client. @default nobody can sign in with that issuer */
  CONSOLE_CLIENT_ID: z.string().optional(),
  /** Scopes that the console asks that issuer for, with spaces between. `offline_access` lets it renew its tokens. */
  CONSOLE_SCOPE: z.string().default('openid offline_access'),
  /** The resource that the console asks that issuer for (RFC 8707), if the issuer needs it for AUTH_AUDIENCE. @default none */
  CONSOLE_RESOURCE: z.url('must be a URI like https://api.example.com').optional(),
  /** Web origins whose pages may call the gateway, separated by commas. @default none */
  CORS_ORIGINS: z
    .string()
    .trim()
    .regex(ORIGIN_LIST_PATTERN, 'must be origins like https://app.example.com with commas between')
    .transform((origins) => origins.split(/\s*,\s*/))
    .default([]),
};

/** The validated settings of one gateway process. */
export type GatewayConfig = z.infer<z.ZodObject<typeof gatewaySettings>>;

/** @throws StartError that reports every invalid setting */
export const readGatewayConfig = (env: EnvironmentVariables): GatewayConfig =>
  readSettings(gatewaySettings, env);

/** How operations are planned, under the names of the executor. */
export const getPlanningOptions = (config: GatewayConfig): Partial<PlanningPoolOptions> => ({
  planWorkers: config.PLAN_WORKERS,
  planTimeoutMs: config.PLAN_TIMEOUT_MS,
  planWorkerMemoryMb: config.PLAN_WORKER_MEMORY_MB,
  maxQueuedPlans: config.MAX_QUEUED_PLANS,
  maxQueuedPlansPerCaller: config.MAX_QUEUED_PLANS_PER_CALLER,
});

/** How authorization directives are enforced, under the names of the executor. */
export const getAuthorizationOptions = (config: GatewayConfig): AuthorizationOptions => ({
  unauthorizedOperations: config.UNAUTHORIZED_OPERATIONS,
  errorLocation: config.UNAUTHORIZED_ERRORS,
  logErrors: config.UNAUTHORIZED_LOG,
  dryRun: config.UNAUTHORIZED_DRY_RUN,
});

/** The limits of one operation, under the names of the executor. */
export const getOperationLimits = (config: GatewayConfig): OperationLimits => ({
  maxDocumentBytes: config.MAX_DOCUMENT_BYTES,
  maxTokens: config.MAX_DOCUMENT_TOKENS,
  maxOperations: config.MAX_DOCUMENT_OPERATIONS,
  maxDepth: config.MAX_DEPTH,
  maxSelections: config.MAX_SELECTIONS,
  maxRootFields: config.MAX_ROOT_FIELDS,
  maxAliases: config.MAX_ALIASES,
  maxDirectives: config.MAX_DIRECTIVES,
  maxVariableDepth: config.MAX_VARIABLE_DEPTH,
  maxVariableValues: config.MAX_VARIABLE_VALUES,
  maxTextBytes: config.MAX_TEXT_BYTES,
});
