import fc from 'fast-check';

/** Loaded where PROPERTY_RUNS is set: every property is tried that often. */
fc.configureGlobal({ numRuns: Number(process.env['PROPERTY_RUNS']) });
