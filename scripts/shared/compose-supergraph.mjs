import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { lexicographicSortSchema, parse, printSchema } from 'graphql';
import { parse as parseYaml } from 'yaml';

/** The subgraphs do not compose. The message has one line per error, with code, subgraph and location. */
export class CompositionError extends Error {
  /** @override */
  name = 'CompositionError';
}

/**
 * Composes the subgraphs of a configuration file in the format of the
 * [Rover CLI](https://www.apollographql.com/docs/rover/commands/supergraphs): `subgraphs.<name>.routing_url` and
 * `subgraphs.<name>.schema.file`, with paths relative to the file.
 *
 * @param {string} configFile
 * @returns {{ supergraph: string, api: string, hints: string[] }} the supergraph SDL, the API schema that clients see,
 *   and the hints of the composition
 * @throws {CompositionError}
 */
export function composeSupergraph(configFile) {
  const services = readSubgraphs(configFile);
  const { errors, supergraphSdl, hints } = composeServices(services);
  if (errors) throw new CompositionError(errors.map(describeCompositionError).join('\n'));
  const api = Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
  return {
    supergraph: `${supergraphSdl.trim()}\n`,
    api: `${printSchema(lexicographicSortSchema(api))}\n`,
    hints: hints.map((hint) => `${hint.definition.code}: ${hint.message}`),
  };
}

/** @param {string} configFile */
function readSubgraphs(configFile) {
  /** @typedef {{ routing_url?: string, schema?: { file?: string } }} Subgraph */
  /** @type {unknown} */
  const content = parseYaml(readFileSync(configFile, 'utf8'));
  const config = /** @type {{ subgraphs?: Record<string, Subgraph | null> } | null} */ (content);
  const entries = Object.entries(config?.subgraphs ?? {});
  if (entries.length === 0) throw new CompositionError(`${configFile} has no subgraphs: add at least one.`);
  return entries.map(([name, subgraph]) => {
    const url = subgraph?.routing_url;
    const file = subgraph?.schema?.file;
    if (!url || !file) {
      throw new CompositionError(`${configFile}: subgraph ${name} needs routing_url and schema.file.`);
    }
    const path = join(dirname(configFile), file);
    try {
      return { name, url, typeDefs: parse(readFileSync(path, 'utf8')) };
    } catch (error) {
      throw new CompositionError(
        `${name}: ${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });
}

/** @param {import('graphql').GraphQLError} error */
function describeCompositionError(error) {
  const { code } = /** @type {{ code?: string }} */ (error.extensions);
  const locations = (error.nodes ?? []).flatMap((node) => {
    const subgraph = /** @type {{ subgraph?: string }} */ (node).subgraph;
    const { line, column } = node.loc?.startToken ?? {};
    return line === undefined ? [] : [`${subgraph ?? '?'} ${line}:${String(column)}`];
  });
  return `${code ?? 'ERROR'}: ${error.message}${locations.length ? ` (${locations.join(', ')})` : ''}`;
}
