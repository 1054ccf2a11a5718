import {
  commonSettings,
  createCountSetting,
  createMillisecondsSetting,
  createPortSetting,
  normalizeHost,
  readSettings,
  type EnvironmentVariables,
} from '@seguridad-abc/platform';
import { z } from 'zod';

/** Without a default: the URL in the supergraph then applies. */
const optionalPortSetting = createPortSetting(1).unwrap().optional();

const ORIGIN_LIST_PATTERN = /^https?:\/\/[^\s,/]+(\s*,\s*https?:\/\/[^\s,/]+)*$/;

/** A host with a port, and not an IPv6 address. */
const HOST_WITH_PORT = /^([^:]+|\[.*\]):\d+$/;

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
  INTERNAL_HOSTS: z
    .string()
    .transform((hosts, context) =>
      hosts.split(',').map((entry) => {
        const text = entry.trim();
        const [, host] = HOST_WITH_PORT.exec(text) ?? [];
        const message =
          host === undefined
            ? `must be host names or addresses with commas between: "${text}" is neither`
            : `must have no ports: write "${host}" instead of "${text}"`;
        const normalized = normalizeHost(text);
        if (normalized === undefined) context.addIssue({ code: 'custom', message });
        return normalized ?? z.NEVER;
      }),
    )
    .default([]),
  /** Redis channels that provide subscription fields: JSON, or the path of a JSON file. @default none */
  SUBSCRIPTION_CHANNELS: z.string().optional(),
  /** Maximum number of concurrent subscriptions of all clients. */
  MAX_SUBSCRIPTIONS: createCountSetting(100_000, 1, 10_000_000),
  /** A subscription ends after this time; its client subscribes again. */
  SUBSCRIPTION_LIFETIME_MS: createMillisecondsSetting(86_400_000, 1_000, 2_147_483_647),
  /** Ports of this product's subgraphs on this machine. Each overrides the subgraph's URL in the supergraph. */
  MONITORING_PORT: optionalPortSetting,
  REPORTS_PORT: optionalPortSetting,
  HEARTBEAT_PORT: optionalPortSetting,
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
