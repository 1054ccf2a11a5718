import { expect, test } from 'vitest';
import { NODE_FLOOR, unsuitableNode } from './node-version.mjs';
import { readJson } from './read-json.mjs';

test.each(['20.19.0', '20.20.2', '22.0.0', '24.11.1', '100.0.0'])('Node %s will do', (version) => {
  expect(unsuitableNode(version)).toBeUndefined();
});

test.each(['20.18.9', '18.20.4', '8.17.0'])('Node %s is too old, and the sentence names both', (version) => {
  expect(unsuitableNode(version)).toContain(`Node ${version}`);
  expect(unsuitableNode(version)).toContain(`Node ${NODE_FLOOR} or newer`);
});

test('the floor is the one of package.json', () => {
  const { engines } = /** @type {{ engines: { node: string } }} */ (readJson('package.json'));
  expect(engines.node).toBe(`>=${NODE_FLOOR}`);
});
