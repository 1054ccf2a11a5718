// npm run manifest: writes persisted-query-manifest.json, the operations of this app in Apollo's format. A gateway with
// PERSISTED_OPERATIONS_MODE runs them (docs/clients.md).
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { InMemoryCache } from '@apollo/client';
import { Kind, parse, print, separateOperations } from 'graphql';

const OPERATIONS_FILE = new URL('src/operations.graphql', import.meta.url);
const MANIFEST_FILE = new URL('persisted-query-manifest.json', import.meta.url);

const cache = new InMemoryCache();
const document = parse(readFileSync(OPERATIONS_FILE, 'utf8'));
const operations = Object.entries(separateOperations(document)).map(([name, separated]) => {
  // Apollo Client adds `__typename` to each selection before it sends an operation.
  const sent = cache.transformDocument(separated);
  const operation = sent.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const body = print(sent);
  const id = createHash('sha256').update(body).digest('hex');
  return { id, name, type: operation?.operation, body };
});
const manifest = { format: 'apollo-persisted-query-manifest', version: 1, operations };
writeFileSync(MANIFEST_FILE, `${JSON.stringify(manifest, undefined, 2)}\n`);
process.stdout.write(`wrote ${operations.length} operations to persisted-query-manifest.json\n`);
