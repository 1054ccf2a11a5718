import { expect, test } from 'vitest';
import { describeCompilation } from './compile-progress.js';

const OUTPUT = `make: Entering directory
  TOUCH Release/obj.target/deps/locate_sqlite3.stamp
  CC(target) Release/obj.target/sqlite3/gen/sqlite3/sqlite3.o
`;

test('names the step, and estimates the remaining time from the CPU time', () => {
  expect(describeCompilation({ output: OUTPUT, elapsedSeconds: 40, cpuSeconds: 20 })).toBe(
    'compiling, step 1 (sqlite3.o), about 140 s left',
  );
});

test('estimates from the elapsed time if the CPU time is unknown', () => {
  expect(describeCompilation({ output: OUTPUT, elapsedSeconds: 40, cpuSeconds: undefined })).toMatch(
    /about 50 s left$/,
  );
});

test('a slower machine is nearly done', () => {
  expect(describeCompilation({ output: OUTPUT, elapsedSeconds: 300, cpuSeconds: 130 })).toMatch(
    /nearly done$/,
  );
});

test('prepares until make starts', () => {
  expect(describeCompilation({ output: '', elapsedSeconds: 5, cpuSeconds: 0.5 })).toBe(
    'preparing to compile',
  );
});
