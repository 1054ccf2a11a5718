import { describe, expect, it } from 'vitest';
import { readHeartbeatConfig } from './config.js';

describe('readHeartbeatConfig', () => {
  it('applies defaults', () => {
    expect(readHeartbeatConfig({})).toMatchObject({
      HEARTBEAT_PORT: 4003,
      HEARTBEAT_INTERVAL_MS: 2_000,
      HEARTBEAT_EXPECTED: ['gateway', 'monitoring', 'reports', 'heartbeat'],
      HEARTBEAT_MAX_LOOP_DELAY_MS: 500,
      HEARTBEAT_MAX_LAG_ENTRIES: 1_000,
      HEARTBEAT_MAX_CLOCK_SKEW_MS: 5_000,
      HEARTBEAT_MAX_STALL_MS: 15_000,
    });
  });

  it('accepts expected services with spaces and removes duplicates', () => {
    const { HEARTBEAT_EXPECTED } = readHeartbeatConfig({ HEARTBEAT_EXPECTED: ' reports , probe,reports ' });
    expect(HEARTBEAT_EXPECTED).toStrictEqual(['reports', 'probe']);
  });

  it('throws an error that names every invalid setting', () => {
    const read = () => readHeartbeatConfig({ HEARTBEAT_EXPECTED: 'reports,,gateway', HEARTBEAT_PORT: 'x' });
    expect(read).toThrow(/HEARTBEAT_PORT must be .*HEARTBEAT_EXPECTED must be names of services/);
  });
});
