import {
  commonSettings,
  countSetting,
  millisecondsSetting,
  portSetting,
  readSettings,
  type Environment,
} from '@seguridad-abc/platform';
import { z } from 'zod';

/** A port that has no default here: the supergraph has the URL. */
const givenPort = portSetting(1).unwrap().optional();

const ORIGINS = /^https?:\/\/[^\s,/]+(\s*,\s*https?:\/\/[^\s,/]+)*$/;

export const gatewaySettings = {
  ...commonSettings,
  GATEWAY_PORT: portSetting(4000),
  /** The file of the supergraph to serve. */
  SUPERGRAPH: z.string().default('./supergraph.graphql'),
  /** The Redis channels of subscription fields: JSON, or the path of a file with it. */
  SUBSCRIPTION_CHANNELS: z.string().optional(),
  /** Of all clients, at a time. */
  MAX_SUBSCRIPTIONS: countSetting(100_000, 1, 10_000_000),
  /** A subscription is ended after this, for its client to come back. */
  SUBSCRIPTION_LIFETIME_MS: millisecondsSetting(86_400_000, 1_000, 2_147_483_647),
  /** Where these are given, the subgraph of that name is asked on this port of loopback, whatever its URL. */
  MONITORING_PORT: givenPort,
  REPORTS_PORT: givenPort,
  HEARTBEAT_PORT: givenPort,
  /** Web origins that may call from a browser. */
  CORS_ORIGINS: z
    .string()
    .trim()
    .regex(ORIGINS, 'must be origins like https://app.example.com with commas between')
    .transform((origins) => origins.split(/\s*,\s*/))
    .default([]),
};

export type GatewayConfig = z.infer<z.ZodObject<typeof gatewaySettings>>;

export const readGatewayConfig = (env: Environment): GatewayConfig => readSettings(gatewaySettings, env);
