import { z } from 'zod';

/** An instant as every contract writes it: UTC, milliseconds, `2026-01-31T08:00:00.000Z`. Sorts as text. */
export const instantSchema = z.iso.datetime({ precision: 3 });
