import { z } from 'zod';

/** The body of `POST /restart` at the control server of a start. */
export const restartRequestSchema = z.object({ services: z.array(z.string()) });

/** One line of the response. The last line has `outcome`. */
export const restartProgressSchema = z.union([
  z.object({ text: z.string() }),
  z.object({ outcome: z.literal('done') }),
  z.object({ outcome: z.literal('failed'), message: z.string() }),
]);
export type RestartProgress = z.infer<typeof restartProgressSchema>;
