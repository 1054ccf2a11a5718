import type { SubgraphSubscriptionOptions } from '@seguridad-abc/executor';
import { z } from 'zod';

/** How the gateway subscribes at one subgraph. Without `url`, at the URL for requests. */
export type SubgraphSubscriptionConfig = Pick<SubgraphSubscriptionOptions, 'protocol' | 'url'>;

/** By the name of the subgraph; `*` for those that are not named. */
export type SubgraphSubscriptionConfigs = ReadonlyMap<string, SubgraphSubscriptionConfig>;

/** The name that stands for all subgraphs that are not named. */
const ALL_SUBGRAPHS = '*';

const PROTOCOLS: Readonly<Record<string, SubgraphSubscriptionConfig['protocol']>> = {
  ws: 'graphql-ws',
  wss: 'graphql-ws',
  http: 'sse',
  https: 'sse',
};

/** Settings of the subscriptions at subgraphs. */
export interface SubgraphSubscriptionSettings {
  readonly SUBGRAPH_SUBSCRIPTIONS?: SubgraphSubscriptionConfigs | undefined;
  readonly MAX_SUBGRAPH_SUBSCRIPTIONS?: number | undefined;
  readonly SUBGRAPH_SUBSCRIPTION_RETRY_MS?: number | undefined;
}

/** Reads a list such as `reviews=ws,news=sse,alerts=wss://alerts.example.com/graphql` or `*=ws`. */
export const subgraphSubscriptionsSetting = z
  .string()
  .transform((text, context): SubgraphSubscriptionConfigs => {
    const configs = new Map<string, SubgraphSubscriptionConfig>();
    for (const entry of text.split(',').map((each) => each.trim())) {
      const [, name = '', value = ''] = /^([^=]+)=(.+)$/.exec(entry) ?? [];
      const config = parseConfig(value);
      if (config && !configs.has(name) && (name !== ALL_SUBGRAPHS || config.url === undefined)) {
        configs.set(name, config);
        continue;
      }
      const message = `must be like reviews=ws,news=sse,alerts=wss://alerts.example.com/graphql, with each subgraph once: "${entry}" is not`;
      context.addIssue({ code: 'custom', message });
    }
    return configs;
  })
  .default(new Map<string, SubgraphSubscriptionConfig>());

function parseConfig(value: string): SubgraphSubscriptionConfig | undefined {
  if (value === 'ws') return { protocol: 'graphql-ws' };
  if (value === 'sse') return { protocol: 'sse' };
  const protocol = URL.canParse(value) ? PROTOCOLS[new URL(value).protocol.slice(0, -1)] : undefined;
  return protocol && { protocol, url: value };
}

/** How the gateway subscribes at a subgraph, under the names of the executor; `undefined` if it does not. */
export function getSubgraphSubscriptionOptions(
  subgraphName: string,
  settings: SubgraphSubscriptionSettings,
): SubgraphSubscriptionOptions | undefined {
  const configs = settings.SUBGRAPH_SUBSCRIPTIONS;
  const config = configs?.get(subgraphName) ?? configs?.get(ALL_SUBGRAPHS);
  const { MAX_SUBGRAPH_SUBSCRIPTIONS: maxSubscriptions, SUBGRAPH_SUBSCRIPTION_RETRY_MS: maxInterruptionMs } =
    settings;
  return (
    config && {
      ...config,
      ...(maxSubscriptions !== undefined && { maxSubscriptions }),
      ...(maxInterruptionMs !== undefined && { maxInterruptionMs }),
    }
  );
}
