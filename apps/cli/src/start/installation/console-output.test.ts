import { expect, test } from 'vitest';
import { createConsoleOutput } from './console-output.js';

function recordOutput(useColor: boolean) {
  let text = '';
  const output = createConsoleOutput({
    names: ['reports', 'gateway'],
    useColor,
    write: (more) => (text += more),
  });
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

test('formats a log line and puts the program name before it', () => {
  const { output, text } = recordOutput(false);
  output.onOutput('reports', entry);
  expect(text()).toMatch(/^reports \| \[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening \{"port":4\}\n$/);
});

test('leaves other lines unchanged', () => {
  const { output, text } = recordOutput(false);
  output.onOutput('gateway', '{ "half');
  output.onOutput('gateway', 'Error: x');
  output.onOutput('gateway', '');
  expect(text()).toBe('gateway | { "half\ngateway | Error: x\ngateway | \n');
});

test('puts the program name before every line of an error', () => {
  const { output, text } = recordOutput(false);
  const err = { type: 'Error', message: 'm', stack: 'Error: m\n    at x' };
  output.onOutput('reports', JSON.stringify({ level: 50, time: 0, msg: 'failed', err }));
  const lines = text().trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line.startsWith('reports | '))).toBe(true);
});

test('a log line cannot send commands to the terminal', () => {
  const { output, text } = recordOutput(false);
  const evil = '\u001B[2J \u009B31m \r \\u001b \\\u001B';
  output.onOutput('reports', JSON.stringify({ level: 30, time: 0, msg: evil, service: evil }));
  output.onOutput('reports', evil);
  expect(text()).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(text().match(/\\u001b\[2J/g)).toHaveLength(3);
});

test('uses colors only if asked to', () => {
  const [plain, colored] = [recordOutput(false), recordOutput(true)];
  for (const { output } of [plain, colored]) output.onNotice('reports ended');
  expect(plain.text()).toBe('reports ended\n');
  expect(colored.text()).toBe('\u001B[1mreports ended\u001B[0m\n');
});
