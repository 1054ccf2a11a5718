import pretty from 'pino-pretty';

/** ANSI color codes of the program names. */
const PROGRAM_COLORS = [36, 35, 33, 32, 34];
const BOLD = 1;

/**
 * Creates the terminal output of a running installation: readable log lines, each with the name of its program.
 *
 * @param {{ names: readonly string[], useColor: boolean, write: (text: string) => void }} options
 * @returns {import('../supervise/supervisor.mjs').ProgramListener & { log: (text: string) => void }}
 */
export function createConsoleOutput({ names, useColor, write }) {
  const width = Math.max(...names.map(({ length }) => length));
  const format = pretty.prettyFactory({
    colorize: useColor,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name',
    singleLine: true,
  });
  const colorize = (/** @type {string} */ text, /** @type {number} */ code) =>
    useColor ? `\u001B[${code}m${text}\u001B[0m` : text;
  const log = (/** @type {string} */ text) => write(`${text}\n`);
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
