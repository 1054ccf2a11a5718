import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { lexicographicSortSchema, parse, printSchema } from 'graphql';
import { parse as parseYaml } from 'yaml';

/** Faults of a composition, a line each with subgraph, code and location. */
export class CompositionError extends Error {
  /** @override */
  name = 'CompositionError';
}

/**
 * Composes the subgraphs that a file in rover's format names (`subgraphs.<name>.routing_url`, `.schema.file`, paths
 * relative to the file).
 *
 * @param {string} configFile
 * @returns {{ supergraph: string, api: string, hints: string[] }} the supergraph, the API schema that clients see, and
 *   what the composition remarks without refusing it
 * @throws {CompositionError}
 */
export function compose(configFile) {
  const services = readSubgraphs(configFile);
  const { errors, supergraphSdl, hints } = composeServices(services);
  if (errors) throw new CompositionError(errors.map(describe).join('\n'));
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
  if (entries.length === 0) throw new CompositionError(`${configFile} names no subgraphs.`);
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
function describe(error) {
  const { code } = /** @type {{ code?: string }} */ (error.extensions);
  const places = (error.nodes ?? []).flatMap((node) => {
    const subgraph = /** @type {{ subgraph?: string }} */ (node).subgraph;
    const { line, column } = node.loc?.startToken ?? {};
    return line === undefined ? [] : [`${subgraph ?? '?'} ${line}:${String(column)}`];
  });
  return `${code ?? 'ERROR'}: ${error.message}${places.length ? ` (${places.join(', ')})` : ''}`;
}
