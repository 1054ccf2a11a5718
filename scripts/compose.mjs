// npm run compose: writes supergraph.graphql and api.graphql from supergraph.yaml.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { composeSupergraph, CompositionError } from './shared/compose-supergraph.mjs';

const usage = `npm run compose [-- --config supergraph.yaml] [--out supergraph.graphql] [--api api.graphql]

Composes the subgraphs that the configuration file lists (in the format of the Rover CLI).

Exit codes: 0 composed; 1 the subgraphs do not compose.`;

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'supergraph.yaml' },
    out: { type: 'string', default: 'supergraph.graphql' },
    api: { type: 'string', default: 'api.graphql' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  console.log(usage);
} else {
  try {
    const { supergraph, api, hints } = composeSupergraph(values.config);
    for (const hint of hints) console.warn(`hint: ${hint}`);
    writeFileSync(values.out, supergraph);
    writeFileSync(values.api, api);
    console.log(`Wrote ${values.out} and ${values.api}.`);
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
