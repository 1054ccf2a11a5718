// Writes supergraph.graphql and api.graphql from supergraph.yaml.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compose, CompositionError } from './lib/compose.mjs';

const usage = `npm run compose [-- --config supergraph.yaml] [--out supergraph.graphql] [--api api.graphql]
Composes the subgraphs that a file in rover's format names. Exit code 1 where they do not compose.`;

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
    const { supergraph, api, hints } = compose(values.config);
    for (const hint of hints) console.warn(`hint: ${hint}`);
    writeFileSync(values.out, supergraph);
    writeFileSync(values.api, api);
    console.log(`${values.out} and ${values.api} written.`);
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
