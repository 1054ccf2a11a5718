import pretty from 'pino-pretty';
import type { ProgramListener } from '../supervise/supervisor.js';

/** ANSI color codes of the program names. */
const PROGRAM_COLORS = [36, 35, 33, 32, 34];
const BOLD = 1;

export interface ConsoleOutputOptions {
  /** Of the programs. */
  readonly names: readonly string[];
  readonly useColor: boolean;
  readonly write: (text: string) => void;
}

export interface ConsoleOutput extends ProgramListener {
  readonly log: (text: string) => void;
}

/** Creates the terminal output of a running installation: readable log lines, each with the name of its program. */
export function createConsoleOutput({ names, useColor, write }: ConsoleOutputOptions): ConsoleOutput {
  const width = Math.max(...names.map(({ length }) => length));
  const format = pretty.prettyFactory({
    colorize: useColor,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name',
    singleLine: true,
  });
  const colorize = (text: string, code: number) => (useColor ? `\u001B[${code}m${text}\u001B[0m` : text);
  const log = (text: string) => write(`${text}\n`);
  return {
    log,
    onNotice: (text) => log(colorize(text, BOLD)),
    onOutput(name, line) {
      const color = PROGRAM_COLORS[names.indexOf(name) % PROGRAM_COLORS.length] ?? 0;
      const label = colorize(`${name.padEnd(width)} |`, color);
      for (const part of format(line).trimEnd().split('\n')) log(`${label} ${part}`);
    },
  };
}
