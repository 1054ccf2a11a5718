import { expect, test } from 'vitest';
import { checkNodeVersion } from './project.mjs';

test.each(['20.19.0', '20.20.2', '22.0.0', '24.11.1', '100.0.0'])('Node %s is supported', (version) => {
  expect(() => checkNodeVersion(version)).not.toThrow();
});

test.each(['20.18.9', '20.2.0', '18.20.4', '8.17.0'])(
  'Node %s is too old, and the message names both versions',
  (version) => {
    expect(() => checkNodeVersion(version)).toThrow(
      `Node ${version} is too old: install Node 20.19 or newer`,
    );
  },
);
