import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@seguridad-abc/platform';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchSupergraphFile } from './supergraph-file.js';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let stop: () => void;
const reloaded: string[] = [];
beforeEach(() => {
  reloaded.length = 0;
  folder = temporaryFolder();
  path = join(folder.path, 'supergraph.graphql');
  writeFileSync(path, 'first');
  stop = watchSupergraphFile({
    path,
    currentSdl: 'first',
    reload(sdl) {
      reloaded.push(sdl);
      return sdl === 'bad' ? Promise.reject(new Error('invalid')) : Promise.resolve();
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

test('reloads a file that is rewritten or replaced, even after an invalid one', async () => {
  writeFileSync(path, 'second');
  await eventually(() => expect(reloaded).toStrictEqual(['second']));
  replace('bad');
  await eventually(() => expect(reloaded).toStrictEqual(['second', 'bad']));
  replace('third');
  await eventually(() => expect(reloaded).toStrictEqual(['second', 'bad', 'third']));
});

test('ignores unchanged content and other files', async () => {
  replace('first');
  writeFileSync(join(folder.path, 'other'), 'x');
  replace('second');
  await eventually(() => expect(reloaded).toStrictEqual(['second']));
});
