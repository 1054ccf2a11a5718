import { readFileSync } from 'node:fs';
import { getErrorMessage, StartError } from '@seguridad-abc/platform';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

const supergraphConfigSchema = z.object({
  subgraphs: z
    .record(z.string(), z.object({ routing_url: z.url({ protocol: /^https?$/ }) }))
    .refine((subgraphs) => Object.keys(subgraphs).length > 0, 'must list at least one subgraph'),
});

/**
 * Reads names and URLs of the subgraphs from a configuration file of the
 * [Rover CLI](https://www.apollographql.com/docs/rover/commands/supergraphs).
 * @throws StartError if the file cannot be read, or lists no subgraphs with a `routing_url`
 */
export function readConfiguredSubgraphs(
  path: string,
): readonly { readonly name: string; readonly url: string }[] {
  try {
    const { subgraphs } = supergraphConfigSchema.parse(parseYaml(readFileSync(path, 'utf8')));
    return Object.entries(subgraphs).map(([name, { routing_url: url }]) => ({ name, url }));
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
        : getErrorMessage(error);
    throw new StartError(
      `The supergraph configuration ${path} cannot be used: ${reason}. Correct it, or set SUPERGRAPH_CONFIG to another file.`,
    );
  }
}
