import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((page) =>
  page.endsWith('.md'),
);

/** `curl -N` shows a stream, whose lines have ends. In `$(...)`, the answer is not shown. */
const SHOWN_REQUEST = /^curl (?!-N )/;

test('every request of the documentation ends the line of its answer, so that the prompt follows on the next one', () => {
  const requests = PAGES.flatMap((page) =>
    readFileSync(page, 'utf8')
      .split('\n')
      .filter((line) => SHOWN_REQUEST.test(line)),
  );
  expect(requests.length).toBeGreaterThan(8);
  expect(requests.filter((line) => !/^curl -si? -w '\\n' /.test(line))).toEqual([]);
});
