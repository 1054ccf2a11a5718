/** Number of generated operations for each kind of supergraph. Set `DIFFERENTIAL_RUNS` for a long run. */
export const OPERATION_COUNT = Number(process.env['DIFFERENTIAL_RUNS'] ?? 200);

/** The first seed. The same seed gives the same supergraph, data and operation. Set it with `DIFFERENTIAL_SEED`. */
export const FIRST_SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 0);

/** Time limit of one test. */
export const TIMEOUT_MS = 30_000 + OPERATION_COUNT * 200;
