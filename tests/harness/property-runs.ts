import fc from 'fast-check';

// Vitest loads this file if PROPERTY_RUNS is set: the number of runs of each property test.
fc.configureGlobal({ numRuns: Number(process.env['PROPERTY_RUNS']) });
