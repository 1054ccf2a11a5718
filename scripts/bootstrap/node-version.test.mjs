import { expect, test } from 'vitest';
import { describeUnsupportedNode, MIN_NODE_VERSION } from './node-version.mjs';
import { readProjectJson } from './project.mjs';

test.each(['20.19.0', '20.20.2', '22.0.0', '24.11.1', '100.0.0'])('Node %s is supported', (version) => {
  expect(describeUnsupportedNode(version)).toBeUndefined();
});

test.each(['20.18.9', '18.20.4', '8.17.0'])(
  'Node %s is too old, and the message names both versions',
  (version) => {
    expect(describeUnsupportedNode(version)).toContain(`Node ${version}`);
    expect(describeUnsupportedNode(version)).toContain(`Node ${MIN_NODE_VERSION} or newer`);
  },
);

test('the minimum version equals `engines` of package.json', () => {
  const { engines } = /** @type {{ engines: { node: string } }} */ (readProjectJson('package.json'));
  expect(engines.node).toBe(`>=${MIN_NODE_VERSION}`);
});
