import { normalizeColumnName, parseCsvHeader } from '../../csv/csv-columns.js';
import { UsageError } from '../../shared/errors.js';

/** The columns of a file with an opening and its closing in each row, in their order. */
export interface IntervalColumns {
  readonly kind: 'intervals';
  readonly names: readonly IntervalColumnName[];
}
export type IntervalColumnName = 'opening' | 'opened_at' | 'closed_at' | 'place';

/** The columns of a file with a change of an opening in each row. Its other columns are ignored. */
export interface ChangeColumns {
  readonly kind: 'changes';
  /** The names of all columns, as the file has them. */
  readonly names: readonly string[];
  /** The positions of one column with the time, or of two with its date and its time of day. */
  readonly time: readonly number[];
  readonly opening: number;
  readonly state: number;
}

/** The names of the columns of changes that a user gives. */
export interface ChangeColumnNames {
  /** One column, or those of the date and of the time of day. */
  readonly time?: readonly string[] | undefined;
  readonly opening?: string | undefined;
  readonly state?: string | undefined;
}

const INTERVAL_COLUMNS = { required: ['opening', 'opened_at', 'closed_at'], optional: ['place'] } as const;
/** Only files with intervals have these columns. */
const INTERVAL_TIMES: readonly string[] = ['opened_at', 'closed_at'].map(normalizeColumnName);

/**
 * The names that columns of changes have without options: in our files, in exports of Home Assistant (`entity_id`, `state`,
 * `last_changed`), and in logs of sensors (`date`, `time`, `sensor`, `message`). The first ones that the file has are used.
 */
const DEFAULT_NAMES = {
  time: [['date', 'time'], ['time'], ['timestamp'], ['last_changed']],
  opening: [['opening'], ['entity_id'], ['sensor']],
  state: [['state'], ['message']],
} as const satisfies Record<string, readonly (readonly string[])[]>;
type ChangeColumn = keyof typeof DEFAULT_NAMES;

/**
 * Reads the first line of a file with readings, which is of one of two kinds.
 * @throws UsageError which names the columns that are unknown, missing or repeated
 */
export function readReadingColumns(
  cells: readonly string[],
  givenNames: ChangeColumnNames,
): IntervalColumns | ChangeColumns {
  const names = cells.map(normalizeColumnName);
  const isGiven = Object.values(givenNames).some((name) => name !== undefined);
  const hasTimeOrState = [...DEFAULT_NAMES.time, ...DEFAULT_NAMES.state].some(
    (candidate) => findColumns(names, candidate) !== undefined,
  );
  const hasIntervalTime = INTERVAL_TIMES.some((name) => names.includes(name));
  if (isGiven || (hasTimeOrState && !hasIntervalTime)) return readChangeColumns(cells, givenNames);
  try {
    return { kind: 'intervals', names: parseCsvHeader(cells, INTERVAL_COLUMNS) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message} A file with a change in each row has time,opening,state.`);
  }
}

function readChangeColumns(cells: readonly string[], given: ChangeColumnNames): ChangeColumns {
  const problems: string[] = [];
  const find = (column: ChangeColumn, givenNames: readonly string[] | undefined): readonly number[] => {
    const candidates = givenNames === undefined ? DEFAULT_NAMES[column] : [givenNames];
    const normalized = cells.map(normalizeColumnName);
    const found = candidates.map((names) => findColumns(normalized, names)).find((indexes) => indexes);
    if (found === undefined) {
      problems.push(
        givenNames === undefined
          ? `names no column ${candidates.map((names) => names.join(' and ')).join(', or ')}: give its name with --${column}-column`
          : `does not name the column ${givenNames.join(' and ')} of --${column}-column`,
      );
      return [];
    }
    const repeated = found.find((index) => normalized.indexOf(normalized[index] ?? '', index + 1) > index);
    if (repeated !== undefined) problems.push(`names the column ${cells[repeated]?.trim() ?? ''} twice`);
    return found;
  };
  const time = find('time', given.time);
  const [opening = -1] = find('opening', given.opening === undefined ? undefined : [given.opening]);
  const [state = -1] = find('state', given.state === undefined ? undefined : [given.state]);
  if (problems.length > 0) {
    throw new UsageError(problems.map((problem) => `The first line ${problem}.`).join('\n'));
  }
  return { kind: 'changes', names: cells.map((cell) => cell.trim()), time, opening, state };
}

/** @returns the positions of all of the names, or undefined */
function findColumns(normalizedCells: readonly string[], names: readonly string[]): number[] | undefined {
  const indexes = names.map((name) => normalizedCells.indexOf(normalizeColumnName(name)));
  return indexes.includes(-1) ? undefined : indexes;
}
