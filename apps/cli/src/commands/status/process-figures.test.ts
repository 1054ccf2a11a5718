import { expect, test } from 'vitest';
import { formatProcessFigures, parseProcessFigures } from './process-figures.js';

const TEXT = `# HELP abc_relay_lag_entries Entries.
# TYPE abc_relay_lag_entries gauge
abc_relay_lag_entries 3
process_resident_memory_bytes 157286400
abc_relay_lag_seconds 1.5
abc_log_lines_total{level="error"} 0
abc_x_duration_seconds_bucket{le="0.1"} 7
abc_x_duration_seconds_sum 0.25
abc_unknown NaN
`;

test('samples are read by name and labels, without buckets', () => {
  expect(parseProcessFigures(TEXT)).toStrictEqual({
    abc_relay_lag_entries: 3,
    process_resident_memory_bytes: 157_286_400,
    abc_relay_lag_seconds: 1.5,
    'abc_log_lines_total{level="error"}': 0,
    abc_x_duration_seconds_sum: 0.25,
  });
});

test('the most important figures are shown with their units', () => {
  expect(formatProcessFigures(parseProcessFigures(TEXT))).toBe(
    'memory=150MiB relayLag=3 relayLagTime=1s errorsLogged=0',
  );
});

test('a text that is none of metrics has no figures', () => {
  expect(parseProcessFigures('{"service":"monitoring"}')).toStrictEqual({});
});
