// npm run compose: writes supergraph.graphql and api.graphql from supergraph.yaml. docs/commands.md describes the options.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { composeSupergraph, CompositionError } from './shared/compose-supergraph.mjs';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'supergraph.yaml' },
    out: { type: 'string', default: 'supergraph.graphql' },
    api: { type: 'string', default: 'api.graphql' },
  },
});

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
