import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { startDamageDetection } from './damage-detection.js';

test('damage of a file that was replaced during the check is not reported', async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'reports.sqlite');
  writeFileSync(file, '');
  const reported: string[] = [];
  const pending: ((damage: string) => void)[] = [];
  const detection = startDamageDetection({
    file,
    timing: { fileCheckMs: 60_000, contentCheckMs: 5 },
    onDamage: (reason) => void reported.push(reason),
    findDamage: () => new Promise((resolve) => pending.push(resolve)),
  });
  await eventually(() => expect(pending).toHaveLength(1));
  detection.restart();
  pending[0]?.('of the old file');
  await eventually(() => expect(pending).toHaveLength(2));
  pending[1]?.('of the new file');
  await eventually(() => expect(reported).not.toHaveLength(0));
  expect(reported).toEqual(['it is damaged: of the new file']);
  detection.stop();
  folder.remove();
});
