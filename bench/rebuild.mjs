// Measures how fast reports builds its read model from the event log.
import { parseArgs } from 'node:util';
import { startBenchPlatform } from './lib/bench-platform.mjs';
import { writeEvents } from './lib/event-log.mjs';
import { readCpuMs } from './security/process-usage.mjs';

const USAGE = `node bench/rebuild.mjs [--events 100000]
Writes a log of readings, alarms and rules into the database of a built monitoring, and starts reports without a read model. Prints
the entries per second until reports is ready, and the CPU time of both processes per entry, without that of their start. Linux only.`;

const { values } = parseArgs({
  options: { events: { type: 'string', default: '100000' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const eventCount = Number(values.events);

const platform = await startBenchPlatform({ services: ['monitoring', 'reports'] });
try {
  const startCpuMs = readCpuMs(platform.getProcessId('reports'));
  await platform.kill('reports');
  writeEvents(platform.dataDir, eventCount);
  const monitoringCpuMs = readCpuMs(platform.getProcessId('monitoring'));
  const startedAt = performance.now();
  await platform.start('reports');
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = {
    reports: readCpuMs(platform.getProcessId('reports')) - startCpuMs,
    monitoring: readCpuMs(platform.getProcessId('monitoring')) - monitoringCpuMs,
  };
  const rate = Math.round(eventCount / seconds).toLocaleString('en-US');
  console.log(`${eventCount.toLocaleString('en-US')} entries in ${seconds.toFixed(1)} s: ${rate} per second`);
  for (const [name, ms] of Object.entries(cpu)) {
    const perSecond = Math.round(eventCount / (ms / 1_000)).toLocaleString('en-US');
    const perEntry = ((ms * 1_000) / eventCount).toFixed(1);
    console.log(`${name}: ${perEntry} µs of CPU per entry (${perSecond} entries per second of CPU)`);
  }
} finally {
  await platform.close();
}
