import pretty from 'pino-pretty';

/** ANSI colours, one a program. */
const COLOURS = [36, 35, 33, 32, 34];

/**
 * Writes what happens for a person: the programs' log lines readable, each with its program's name.
 *
 * @param {{ names: readonly string[], colour: boolean, write: (text: string) => void }} options
 * @returns {import('./supervise/program.mjs').Listener & { say: (text: string) => void }}
 */
export function createOutput({ names, colour, write }) {
  const width = Math.max(...names.map(({ length }) => length));
  const format = pretty.prettyFactory({
    colorize: colour,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name',
    singleLine: true,
  });
  const paint = (/** @type {string} */ text, /** @type {number} */ code) =>
    colour ? `\u001B[${code}m${text}\u001B[0m` : text;
  const say = (/** @type {string} */ text) => write(`${text}\n`);
  return {
    say,
    notice: (text) => say(paint(text, 1)),
    line(name, line) {
      const label = paint(`${name.padEnd(width)} |`, COLOURS[names.indexOf(name) % COLOURS.length] ?? 0);
      for (const part of format(line).trimEnd().split('\n')) say(`${label} ${part}`);
    },
  };
}
