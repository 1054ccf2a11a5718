import { SIGNALS, type OpeningExceptionState, type Signal } from '@seguridad-abc/contracts';
import { createCalendarState, createOpeningExceptionState } from '@seguridad-abc/contracts/testing';
import { deriveIntervals, listSignalReports, type SensorReading } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  ProjectedHeardInstant,
  ProjectedInterval,
  ReadModelRecords,
} from '../../apps/reports/src/domain/read-model.js';
import {
  buildProjectedHeardInstant,
  buildProjectedInterval,
  buildProjectedOpening,
} from '../../apps/reports/src/testing/projected-records.js';
import { openTestReadModel, type TestReadModel } from '../../apps/reports/src/testing/test-read-model.js';
import { openingScenario, type OpeningScenario } from '../reference/random-scenarios.js';
import { listAlarms, listIntervals, type ReferenceVersion } from '../reference/reference-evaluation.js';

const RUNS = 80;
const MAX_PERIOD_MS = 366 * 86_400_000;

let model: TestReadModel;
beforeAll(() => void (model = openTestReadModel()));
afterAll(() => model.close());

const toText = (at: number) => new Date(at).toISOString();

/** The readings of a scenario that are not withdrawn, each id once. */
function listReadings({ readings, withdrawnIds }: OpeningScenario): SensorReading[] {
  const ids = new Set(withdrawnIds);
  return readings
    .filter(({ id }) => !ids.has(id) && ids.add(id))
    .map(({ id, at, state = null, tampered = null, batteryLow = null }) => ({
      ...{ id, at, state, tampered, batteryLow },
    }));
}

/** What the read model has of a scenario: that of one user, whose name no other scenario has. */
function buildRecords(scenario: OpeningScenario, userId: string): Partial<ReadModelRecords> {
  const readings = listReadings(scenario);
  const inEffect = readings.filter(({ at }) => at <= scenario.now);
  const toIntervals = (signal: Signal): ProjectedInterval[] =>
    deriveIntervals(listSignalReports(inEffect, signal)).map(({ startId, startedAt, endedAt }) =>
      buildProjectedInterval({
        ...{ userId, signal, startId, startedAt: toText(startedAt) },
        endedAt: endedAt === null ? null : toText(endedAt),
      }),
    );
  const heardAt = new Set(readings.map(({ at }) => at));
  const toHeard = (at: number): ProjectedHeardInstant =>
    buildProjectedHeardInstant({ userId, at, isHeard: heardAt.has(at) });
  return {
    openings: [buildProjectedOpening({ userId })],
    intervals: SIGNALS.flatMap(toIntervals),
    heardInstants: [...new Set(scenario.readings.map(({ at }) => at))].map(toHeard),
    exceptions: scenario.exceptions.map(({ kind, from, until }, index) => ({
      state: createOpeningExceptionState({
        ...{ id: `${userId} ${index}`, userId, openings: index % 2 === 0 ? null : ['Gate', 'Front door'] },
        ...{ effect: kind, from: toText(from) },
        ...toEnd(from, until),
      }),
      changedPosition: index,
    })),
    calendars: scenario.rules.flatMap(({ id, versions }) =>
      versions.flatMap(({ calendar }, index) =>
        calendar
          ? {
              state: createCalendarState({
                id: `${userId} ${id} ${index}`,
                userId,
                dates: Object.entries(calendar).map(([date, windows]) => ({
                  date,
                  label: null,
                  windows: windows.map((window) => ({ ...window, openBy: window.openBy ?? null })),
                })),
              }),
              changedPosition: index,
            }
          : [],
      ),
    ),
  };
}

/** An exception of the reference that ends before it begins was cancelled then. */
const toEnd = (from: number, until: number): Pick<OpeningExceptionState, 'until' | 'cancelledAt'> =>
  until < from
    ? { until: toText(from + 3_600_000), cancelledAt: toText(until) }
    : { until: toText(until), cancelledAt: null };

function simulate(
  version: ReferenceVersion,
  to: number,
  now: number,
  { userId, calendarId }: { readonly userId: string; readonly calendarId: string | null },
) {
  const { from, timeZone, graceSeconds, maxOpenSeconds, silentAfterSeconds, onTamper, onBatteryLow } =
    version;
  return model
    .createQueries(undefined, {}, () => now)
    .simulateRule({
      rule: {
        ...{ userId, opening: 'Front door', timeZone, calendarId },
        ...{ graceSeconds, maxOpenSeconds, silentAfterSeconds, onTamper, onBatteryLow },
        windows: version.windows,
        activeWindows: version.activeWindows,
      },
      from: toText(from),
      to: toText(to),
    });
}

/** What the reference finds for a rule that holds from `version.from` to `to`. */
function findExpected(version: ReferenceVersion, to: number, scenario: OpeningScenario) {
  const { exceptions, readings, withdrawnIds, now } = scenario;
  const versions = [{ ...version, until: to }];
  const isOver = (at: number) => at <= now;
  const inEffect = readings.filter(({ id, at }) => isOver(at) && !withdrawnIds.includes(id));
  const intervals = listIntervals(inEffect);
  const openMs = intervals.map(({ start, end }) =>
    Math.max(0, Math.min(end === Infinity ? now : end, to) - Math.max(start, version.from)),
  );
  return {
    alarms: listAlarms({ versions, exceptions, readings, withdrawnIds, now })
      .map(({ kind, raisedAt, clearedAt }) => ({
        ...{ kind, opening: 'Front door', raisedAt: toText(raisedAt) },
        clearedAt: isOver(clearedAt) ? toText(clearedAt) : null,
      }))
      .map((alarm) => JSON.stringify(alarm))
      .sort(),
    intervals: intervals.filter(({ start }) => start >= version.from && start < to).length,
    openSeconds: Math.floor(openMs.reduce((sum, ms) => sum + ms, 0) / 1_000),
  };
}

it(
  'a simulation over stored records finds what the reference finds over all readings',
  { timeout: 60_000 },
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(openingScenario, async (scenario) => {
        const userId = `user ${run++}`;
        await model.write(buildRecords(scenario, userId));
        for (const { id, versions } of scenario.rules)
          for (const [index, version] of versions.entries()) {
            const to = Math.min(version.until, version.from + MAX_PERIOD_MS);
            if (!version.enabled) continue;
            const calendarId = version.calendar && `${userId} ${id} ${index}`;
            const found = await simulate(version, to, scenario.now, { userId, calendarId });
            expect({ ...found, alarms: found.alarms.map((alarm) => JSON.stringify(alarm)).sort() }).toEqual(
              findExpected(version, to, scenario),
            );
          }
      }),
      { numRuns: RUNS },
    );
  },
);
