import { z } from 'zod';

/** An instant in UTC with milliseconds: `2026-01-31T08:00:00.000Z`. Instants sort as text. */
export const instantSchema = z.iso.datetime({ precision: 3 });
