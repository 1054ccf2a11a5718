/**
 * How much is tried, and what: `DIFFERENTIAL_RUNS` operations a kind of supergraph, from the seed `DIFFERENTIAL_SEED` on.
 * The same seed gives the same supergraph, data and operation.
 */
export const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 200);
export const FIRST_SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 0);

/** A run of one supergraph may take so long, in milliseconds. */
export const TIMEOUT_MS = 30_000 + RUNS * 200;
