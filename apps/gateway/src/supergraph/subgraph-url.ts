import { parseEndpointUrl } from '@seguridad-abc/executor';
import { getLocalHostAndPort } from '@seguridad-abc/platform';
import { z } from 'zod';

/** The GraphQL URLs of all instances of subgraphs, by the name of the subgraph. */
export type SubgraphInstanceUrls = ReadonlyMap<string, readonly string[]>;

/** Reads a list such as `reports=http://10.0.0.1:4002/graphql,http://10.0.0.2:4002/graphql;heartbeat=http://10.0.0.3:4003/graphql`. */
export const subgraphUrlsSetting = z
  .string()
  .transform((text, context): SubgraphInstanceUrls => {
    const urlsByName = new Map<string, readonly string[]>();
    for (const entry of text.split(';').map((each) => each.trim())) {
      const [, name = '', list = ''] = /^([^=,]+?)\s*=(.+)$/.exec(entry) ?? [];
      const urls = list.split(',').map((url) => url.trim());
      if (name !== '' && !urlsByName.has(name) && urls.every(parseEndpointUrl)) {
        urlsByName.set(name, urls);
        continue;
      }
      const message = `must be like reports=http://a:4002/graphql,http://b:4002/graphql;heartbeat=http://c:4003/graphql, with each subgraph once: "${entry}" is not`;
      context.addIssue({ code: 'custom', message });
    }
    return urlsByName;
  })
  .default(new Map<string, readonly string[]>());

/** Settings that override the URLs of subgraphs. */
export interface SubgraphAddresses {
  /** The address that the subgraphs of this product listen on. */
  readonly HOST: string;
  readonly SUBGRAPH_URLS?: SubgraphInstanceUrls | undefined;
  readonly MONITORING_PORT?: number | undefined;
  readonly REPORTS_PORT?: number | undefined;
  readonly HEARTBEAT_PORT?: number | undefined;
}

/**
 * The GraphQL URLs of the instances of a subgraph: those of the setting `SUBGRAPH_URLS`; otherwise one on this machine if the settings
 * have a port for the subgraph's name; otherwise its routing URL in the supergraph.
 */
export function getSubgraphUrls(
  { name, url }: { readonly name: string; readonly url: string },
  { HOST, SUBGRAPH_URLS, MONITORING_PORT, REPORTS_PORT, HEARTBEAT_PORT }: SubgraphAddresses,
): readonly [string, ...string[]] {
  const [firstUrl, ...otherUrls] = SUBGRAPH_URLS?.get(name) ?? [];
  if (firstUrl !== undefined) return [firstUrl, ...otherUrls];
  const ports = new Map([
    ['monitoring', MONITORING_PORT],
    ['reports', REPORTS_PORT],
    ['heartbeat', HEARTBEAT_PORT],
  ]);
  const port = ports.get(name);
  return [port === undefined ? url : `http://${getLocalHostAndPort(HOST, port)}/graphql`];
}
