import { expect, test } from 'vitest';
import { createOutput } from './output.mjs';

/** @param {boolean} colour */
function recorded(colour) {
  let text = '';
  const output = createOutput({ names: ['reports', 'gateway'], colour, write: (more) => (text += more) });
  return { output, text: () => text };
}
const entry = JSON.stringify({
  level: 30,
  time: 0,
  pid: 7,
  hostname: 'h',
  name: 'reports',
  msg: 'listening',
  port: 4,
});

test('a log line is readable and says whose it is', () => {
  const { output, text } = recorded(false);
  output.line('reports', entry);
  expect(text()).toMatch(/^reports \| \[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening \{"port":4\}\n$/);
});

test('what is no log line is left as it is', () => {
  const { output, text } = recorded(false);
  output.line('gateway', '{ "half');
  output.line('gateway', 'Error: x');
  output.line('gateway', '');
  expect(text()).toBe('gateway | { "half\ngateway | Error: x\ngateway | \n');
});

test('every line of an error has the name before it', () => {
  const { output, text } = recorded(false);
  const err = { type: 'Error', message: 'm', stack: 'Error: m\n    at x' };
  output.line('reports', JSON.stringify({ level: 50, time: 0, msg: 'failed', err }));
  const lines = text().trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line.startsWith('reports | '))).toBe(true);
});

test('colours only where they are wanted', () => {
  const [plain, coloured] = [recorded(false), recorded(true)];
  for (const { output } of [plain, coloured]) output.notice('reports ended');
  expect(plain.text()).toBe('reports ended\n');
  expect(coloured.text()).toBe('\u001B[1mreports ended\u001B[0m\n');
});
