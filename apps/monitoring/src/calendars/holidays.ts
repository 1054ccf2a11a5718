import { Worker } from 'node:worker_threads';
import { MAX_CALENDAR_LABEL_LENGTH, type CalendarDate } from '@seguridad-abc/contracts';
import { createValidResult, removeHiddenCharacters, type InputCheckResult } from '@seguridad-abc/evaluation';
import { LRUCache } from 'lru-cache';
import {
  checkHolidaysInput,
  createUnknownCountryFault,
  createUnknownRegionFault,
  type HolidayQuery,
  type HolidaysInput,
} from '../domain/holidays-input.js';
import type { ListedHolidays } from './list-holidays.js';

/** Results that stay in memory, each some 20 kB. */
const MAX_CACHED_RESULTS = 100;

/** Finds the dates of public holidays. */
export interface HolidayFinder {
  /** @returns the dates in order, without windows; the faults of the input below the field `holidays` */
  find(input: HolidaysInput): Promise<InputCheckResult<readonly CalendarDate[]>>;
}

/** Creates a finder that runs the library in a worker thread, so that commands do not wait for it. One thread runs at a time. */
export function createHolidayFinder(): HolidayFinder {
  const cache = new LRUCache<string, Promise<ListedHolidays>>({ max: MAX_CACHED_RESULTS });
  let last: Promise<unknown> = Promise.resolve();

  const list = (query: HolidayQuery): Promise<ListedHolidays> => {
    const key = JSON.stringify(query);
    const cached = cache.get(key);
    if (cached) return cached;
    const listed = last.then(() => listInThread(query));
    last = listed.catch(() => cache.delete(key));
    cache.set(key, listed);
    return listed;
  };

  return {
    async find(input) {
      const checked = checkHolidaysInput(input);
      if ('faults' in checked) return checked;
      const listed = await list(checked.value);
      if (listed === 'unknownCountry') return { faults: [createUnknownCountryFault()] };
      if (listed === 'unknownRegion') return { faults: [createUnknownRegionFault()] };
      return createValidResult(listed.map(normalizeLabel));
    },
  };
}

/** A client that reads the date can send it again: its label is one that the input may have. */
const normalizeLabel = ({ label, ...date }: CalendarDate): CalendarDate => ({
  ...date,
  label:
    label &&
    Array.from(removeHiddenCharacters(label).normalize('NFC')).slice(0, MAX_CALENDAR_LABEL_LENGTH).join(''),
});

async function listInThread(query: HolidayQuery): Promise<ListedHolidays> {
  const worker = new Worker(new URL('./holidays-worker.js', import.meta.url), {
    name: 'holidays',
    workerData: query,
  });
  try {
    return await new Promise<ListedHolidays>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) =>
        reject(new Error(`the thread that lists holidays ended with exit code ${code}`)),
      );
    });
  } finally {
    await worker.terminate();
  }
}
