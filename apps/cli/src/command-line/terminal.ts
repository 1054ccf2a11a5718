import { styleText } from 'node:util';
import type { HealthStatus } from '@seguridad-abc/contracts';
import type { EnvironmentVariables } from '@seguridad-abc/platform';
import { escapeControlCharacters } from '../shared/control-characters.js';

export type TextStyle = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';
export type StyleText = (style: TextStyle, text: string) => string;

/** Creates a function that styles text. It returns the text unchanged if the stream is no terminal or NO_COLOR is set. */
export function createTextStyler(
  env: EnvironmentVariables,
  stream: { readonly isTTY?: boolean } = process.stdout,
): StyleText {
  const useColor = stream.isTTY === true && !env['NO_COLOR'];
  return (style, text) => (useColor ? styleText(style, text) : text);
}

const STATUS_STYLES: Readonly<Record<HealthStatus, TextStyle>> = {
  UP: 'green',
  LATE: 'yellow',
  DEGRADED: 'yellow',
  DOWN: 'red',
  MAINTENANCE: 'cyan',
  UNKNOWN: 'dim',
};

/** The style in which a terminal shows the status of a service. */
export const getStatusStyle = (status: HealthStatus): TextStyle => STATUS_STYLES[status];

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * Formats a table whose columns are as wide as their widest cell. Control characters in cells are escaped.
 * @param style styles a padded cell: escape codes must not count as width
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: (text: string, row: number, column: number) => string = (text) => text,
): string {
  const cells = rows.map((row) => row.map(escapeControlCharacters));
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return columns[column]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
  };
  const head = columns.map(({ title }, column) => pad(title, column));
  const body = cells.map((row, index) => row.map((text, column) => style(pad(text, column), index, column)));
  return [head, ...body].map((line) => line.join('  ').trimEnd()).join('\n');
}
