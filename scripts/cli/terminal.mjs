import { styleText } from 'node:util';

/** @typedef {'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim'} TextStyle */

/**
 * Creates a function that styles text. It returns the text unchanged if the stream is no terminal or NO_COLOR is set.
 *
 * @param {{ isTTY?: boolean }} [stream]
 * @returns {(style: TextStyle, text: string) => string}
 */
export function createTextStyler(stream = process.stdout) {
  const useColor = stream.isTTY === true && !process.env['NO_COLOR'];
  return (style, text) => (useColor ? styleText(style, text) : text);
}

/** @type {Readonly<Record<string, TextStyle>>} */
const STATUS_STYLES = { UP: 'green', LATE: 'yellow', DEGRADED: 'yellow', DOWN: 'red', MAINTENANCE: 'cyan' };

/** @param {string} status of a service @returns {TextStyle} */
export const getStatusStyle = (status) => STATUS_STYLES[status] ?? 'dim';

/**
 * @typedef {object} TableColumn
 * @property {string} title
 * @property {'left' | 'right'} [align]
 */

/**
 * Formats a table whose columns are as wide as their widest cell.
 *
 * @param {readonly TableColumn[]} columns
 * @param {readonly (readonly string[])[]} rows
 * @param {(text: string, row: number, column: number) => string} [style] styles a padded cell: escape codes must not
 *   count as width
 */
export function formatTable(columns, rows, style = (text) => text) {
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (/** @type {string} */ text, /** @type {number} */ column) => {
    const width = widths[column] ?? 0;
    return columns[column]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
  };
  const head = columns.map(({ title }, column) => pad(title, column));
  const body = rows.map((row, index) => row.map((text, column) => style(pad(text, column), index, column)));
  return [head, ...body].map((cells) => cells.join('  ').trimEnd()).join('\n');
}

/** A terminal shows one line that is updated at this interval. */
const TERMINAL_INTERVAL_MS = 100;
/** Any other output gets a new line at this interval. */
const LINE_INTERVAL_MS = 5_000;
const CLEAR_LINE = '\r\u001B[2K';

/**
 * Creates a progress display on stderr.
 *
 * @param {object} [options]
 * @param {Pick<NodeJS.WriteStream, 'write' | 'isTTY'>} [options.stream]
 * @param {() => number} [options.now] in ms
 */
export function createProgressDisplay({ stream = process.stderr, now = () => performance.now() } = {}) {
  const intervalMs = stream.isTTY ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS;
  let lastUpdate = stream.isTTY ? -Infinity : now();
  let isShown = false;
  return {
    /** Shows a text, unless the last one was shown just before. @param {string} text */
    update(text) {
      if (now() - lastUpdate < intervalMs) return;
      lastUpdate = now();
      isShown = true;
      stream.write(stream.isTTY ? `${CLEAR_LINE}${text}` : `${text}\n`);
    },
    /** Removes the text from the terminal. */
    end() {
      if (stream.isTTY && isShown) stream.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
