import { styleText } from 'node:util';

/** @typedef {'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim'} Style */

/**
 * @param {{ isTTY?: boolean }} [stream]
 * @returns {(style: Style, text: string) => string} with colour where the output is a terminal, and NO_COLOR is not set
 */
export function createPaint(stream = process.stdout) {
  const colour = stream.isTTY === true && !process.env['NO_COLOR'];
  return (style, text) => (colour ? styleText(style, text) : text);
}

/** @type {Readonly<Record<string, Style>>} */
const STATUS = { UP: 'green', LATE: 'yellow', DEGRADED: 'yellow', DOWN: 'red', MAINTENANCE: 'cyan' };

/** @param {string} status of a service @returns {Style} */
export const statusStyle = (status) => STATUS[status] ?? 'dim';
