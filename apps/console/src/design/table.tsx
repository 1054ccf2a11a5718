import type { ReactNode } from 'react';
import styles from './table.module.css';

interface TableColumn<Row> {
  readonly key: string;
  readonly title: string;
  readonly render: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  /** The name of the table, for screen readers. */
  readonly caption: string;
  /** The first column names the row. */
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly getKey: (row: Row) => string;
}

/** A table. On a narrow screen each row is a card, in which every value has the title of its column. */
export const Table = <Row,>({ caption, columns, rows, getKey }: TableProps<Row>) => (
  // As blocks on a narrow screen, the elements would lose the roles that they have by themselves.
  <table className={styles['table']} role="table">
    <caption className="visually-hidden">{caption}</caption>
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(({ key, title }) => (
          <th key={key} role="columnheader" scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr key={getKey(row)} role="row">
          {columns.map(({ key, title, render }, index) =>
            index === 0 ? (
              <th key={key} role="rowheader" scope="row">
                {render(row)}
              </th>
            ) : (
              <td key={key} role="cell" data-title={title}>
                {render(row)}
              </td>
            ),
          )}
        </tr>
      ))}
    </tbody>
  </table>
);
