import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { readInputFile } from './csv-file.js';

test('a file that does not exist is named once', async () => {
  await expect(readInputFile('no-such-file.csv', tmpdir())).rejects.toMatchObject({
    name: 'UsageError',
    message: 'no-such-file.csv does not exist: correct its path.',
  });
});

test('a folder is reported with the code of the system', async () => {
  await expect(readInputFile('.', tmpdir())).rejects.toMatchObject({
    message: '. cannot be read (EISDIR): correct its path or its permissions.',
  });
});
