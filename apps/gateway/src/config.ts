import { commonSettings, port, readSettings, type Environment } from '@seguridad-abc/platform';
import { z } from 'zod';

/** A port that has no default here: the supergraph has the URL. */
const givenPort = port(1).unwrap().optional();

const ORIGINS = /^https?:\/\/[^\s,/]+(\s*,\s*https?:\/\/[^\s,/]+)*$/;

export const gatewaySettings = {
  ...commonSettings,
  GATEWAY_PORT: port(4000),
  /** The file of the supergraph to serve. */
  SUPERGRAPH: z.string().default('./supergraph.graphql'),
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
