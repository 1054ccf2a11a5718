import pretty from 'pino-pretty';
import { escapeControlCharacters } from '../../shared/control-characters.js';
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
      for (const part of format(escapeLogLine(line)).trimEnd().split('\n')) log(`${label} ${part}`);
    },
  };
}

/** An escape in JSON. The group matches those of control characters, except tabs and line ends. */
const JSON_ESCAPE = /\\(?:(u00[01][\da-f]|u007f|u00[89][\da-f]|u202[a-e]|u206[6-9]|[bfr])|.)/gi;

/** Escapes the control characters of a log line, also those that JSON escapes and the formatter would restore. */
function escapeLogLine(line: string): string {
  const escaped = escapeControlCharacters(line);
  if (!line.startsWith('{')) return escaped;
  return escaped.replace(JSON_ESCAPE, (text, code: string | undefined) =>
    code === undefined ? text : `\\\\${code}`,
  );
}
