import type { OpeningExceptionState } from '@seguridad-abc/contracts';
import type { ListRepository } from '../connections/list-repository.js';

/** Columns that the scope of an exception list may fix. */
export type ExceptionScopeColumn = 'userId';

/** Exceptions are listed in the order in which they end. */
export type ExceptionSortKey = readonly [endsAt: string, id: string];

/** Selects exceptions by their period. An absent field selects all. */
export interface ExceptionFilter {
  /** Only exceptions that end after this instant (true), or at it or before it (false). */
  readonly ends?: { readonly at: string; readonly isAfter: boolean } | undefined;
  /** Only exceptions that begin at this instant or before it (true), or after it (false). */
  readonly begins?: { readonly at: string; readonly isAfter: boolean } | undefined;
}

/** The exceptions that have an effect on an opening in a period. */
export interface ExceptionSelection {
  readonly userId: string;
  readonly opening: string;
  /** Instant. */
  readonly from: string;
  /** Instant. */
  readonly to: string;
  /** Maximum number of exceptions. */
  readonly limit: number;
}

/** Reads projected exceptions. Each method runs one statement. */
export interface ProjectedExceptionRepository extends ListRepository<
  ExceptionScopeColumn,
  ExceptionFilter,
  OpeningExceptionState,
  ExceptionSortKey
> {
  /** Finds the exceptions that overlap `[from, to)`, also cancelled ones. */
  findByOpening(selection: ExceptionSelection): Promise<readonly OpeningExceptionState[]>;
}
