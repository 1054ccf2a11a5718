import type { AuditEntry } from '@seguridad-abc/contracts';
import { checkInstant, checkTextLength } from '@seguridad-abc/evaluation';
import { createForbiddenError } from '@seguridad-abc/platform';
import type { RequestCaller } from '../access/caller-access.js';
import { createFilterChecks } from '../access/filter-checks.js';
import {
  parseConnectionArgs,
  type Connection,
  type ConnectionArgs,
  type CursorCodec,
  type CursorFormat,
} from '../connections/relay-connection.js';
import type { ReadAuditPage } from './audit-client.js';

/** A page of the audit trail. */
export type AuditConnection = Connection<AuditEntry>;

/** Which entries to return. A field that is null or absent selects all. */
export interface AuditFilter {
  readonly actor?: string | null | undefined;
  readonly user?: string | null | undefined;
  readonly action?: string | null | undefined;
  readonly outcome?: string | null | undefined;
  readonly from?: string | null | undefined;
  readonly until?: string | null | undefined;
}

export interface AuditLogArgs extends Pick<ConnectionArgs, 'first' | 'after'> {
  readonly filter?: AuditFilter | null | undefined;
}

/** Queries of the audit trail. */
export interface AuditQueries {
  /**
   * The entries of the audit trail, newest first.
   * @throws ExpectedError FORBIDDEN unless the caller is an operator
   */
  list(args: AuditLogArgs): Promise<AuditConnection>;
}

const MAX_FILTER_LENGTH = 128;

/** The sequence number of an entry. */
export type AuditSortKey = readonly [sequence: number];

const MAX_SEQUENCE_DIGITS = 15;

export const AUDIT_CURSOR_FORMAT: CursorFormat<AuditSortKey> = {
  kind: 'audit',
  maxBytes: MAX_SEQUENCE_DIGITS,
  parse: (text) => (/^\d{1,15}$/.test(text) ? [Number(text)] : undefined),
};

/** Creates the audit queries of one request. */
export function createAuditQueries(
  readPage: ReadAuditPage,
  codec: CursorCodec<AuditSortKey>,
  { caller, budget }: Pick<RequestCaller, 'caller' | 'budget'>,
): AuditQueries {
  return {
    async list({ filter, ...args }) {
      if (caller.role !== 'operator')
        throw createForbiddenError('Only an operator may read the audit trail.');
      const checks = createFilterChecks();
      const checkText = (name: 'actor' | 'user' | 'action' | 'outcome') =>
        checks.check(filter?.[name], (text) => checkTextLength(name, text, MAX_FILTER_LENGTH));
      const checkTime = (name: 'from' | 'until') =>
        checks.check(filter?.[name], (text) => checkInstant(name, text));
      const selected = {
        actor: checkText('actor'),
        user: checkText('user'),
        action: checkText('action'),
        outcome: checkText('outcome'),
        from: checkTime('from'),
        until: checkTime('until'),
      };
      const { size, after } = parseConnectionArgs(args, codec, checks.faults);
      const page = await readPage({ ...selected, order: 'descending', limit: size, after: after?.[0] });
      const { entries, head, pruned, hasMore } = page;
      await budget.spendReadRows(entries.length);
      await budget.spendReturnedRows(entries.length);
      const encodeCursor = (entry: AuditEntry | undefined) => (entry ? codec.encode([entry.sequence]) : null);
      return {
        edges: () =>
          Promise.resolve(entries.map((node) => ({ node, cursor: codec.encode([node.sequence]) }))),
        nodes: () => Promise.resolve([...entries]),
        startCursor: () => Promise.resolve(encodeCursor(entries[0])),
        endCursor: () => Promise.resolve(encodeCursor(entries.at(-1))),
        totalCount: () => Promise.resolve(head - (pruned?.sequence ?? 0)),
        hasNextPage: () => Promise.resolve(hasMore),
        hasPreviousPage: () => Promise.resolve(after !== undefined),
      };
    },
  };
}
