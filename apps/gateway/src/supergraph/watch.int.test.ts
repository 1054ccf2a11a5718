import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@seguridad-abc/platform';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchSupergraph } from './watch.js';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let stop: () => void;
const read: string[] = [];
beforeEach(() => {
  read.length = 0;
  folder = temporaryFolder();
  path = join(folder.path, 'supergraph.graphql');
  writeFileSync(path, 'first');
  stop = watchSupergraph({
    path,
    text: 'first',
    reload(text) {
      read.push(text);
      return text === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve();
    },
    logger: createLogger('test', 'silent'),
  });
});
afterEach(() => {
  stop();
  folder.remove();
});

const replace = (text: string) => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};

test('what is written in place, or takes the place of the file, is read, also after what was no good', async () => {
  writeFileSync(path, 'second');
  await eventually(() => expect(read).toStrictEqual(['second']));
  replace('bad');
  await eventually(() => expect(read).toStrictEqual(['second', 'bad']));
  replace('third');
  await eventually(() => expect(read).toStrictEqual(['second', 'bad', 'third']));
});

test('the same again, and other files, are no change', async () => {
  replace('first');
  writeFileSync(join(folder.path, 'other'), 'x');
  replace('second');
  await eventually(() => expect(read).toStrictEqual(['second']));
});
