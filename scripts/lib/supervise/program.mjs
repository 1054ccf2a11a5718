/**
 * A program to be kept running.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string | undefined>>} [env] added to ours
 * @property {boolean} [ipc] whether it gets a channel to us: by its end it knows that we are gone
 * @property {boolean} [quiet] whether what it writes is of interest only if it ends
 * @property {(said: string) => string} [whyNotStarted] a sentence from the last lines that it wrote, where these are none
 * @property {number} stopsAt programs of a lower number are stopped before those of a higher one
 * @property {(child: import('node:child_process').ChildProcess, signal: AbortSignal) => Promise<void>} untilReady
 *   resolves when it can be used; rejects when `signal` is aborted
 *
 * @typedef {object} Listener what is told of a program
 * @property {(name: string, line: string) => void} line that it wrote
 * @property {(text: string) => void} notice of what became of it
 */

export {};
