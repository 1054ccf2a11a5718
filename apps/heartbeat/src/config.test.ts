import { describe, expect, it } from 'vitest';
import { readHeartbeatConfig } from './config.js';

describe('the settings', () => {
  it('have defaults', () => {
    expect(readHeartbeatConfig({})).toMatchObject({
      HEARTBEAT_PORT: 4003,
      HEARTBEAT_INTERVAL_MS: 2_000,
      HEARTBEAT_EXPECTED: ['gateway', 'monitoring', 'reports', 'heartbeat'],
      HEARTBEAT_MAX_LOOP_DELAY_MS: 500,
      HEARTBEAT_MAX_LAG_ENTRIES: 1_000,
    });
  });

  it('take the expected services with or without blanks, each once', () => {
    const { HEARTBEAT_EXPECTED } = readHeartbeatConfig({ HEARTBEAT_EXPECTED: ' reports , probe,reports ' });
    expect(HEARTBEAT_EXPECTED).toStrictEqual(['reports', 'probe']);
  });

  it('are refused with every fault named', () => {
    const read = () => readHeartbeatConfig({ HEARTBEAT_EXPECTED: 'reports,,gateway', HEARTBEAT_PORT: 'x' });
    expect(read).toThrow(/HEARTBEAT_PORT must be .*HEARTBEAT_EXPECTED must be names of services/);
  });
});
