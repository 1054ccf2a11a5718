// The worker thread of `findHolidays`. The library takes 150 ms and 45 MB, and some countries take 50 ms for each year.
import { parentPort, workerData } from 'node:worker_threads';
import type { HolidayQuery } from '../domain/holidays-input.js';
import { listHolidays } from './list-holidays.js';

parentPort?.postMessage(listHolidays(workerData as HolidayQuery));
