/** One moment by both clocks of this process, in milliseconds. */
export interface Moment {
  /** Never jumps; for what has lasted how long. */
  readonly mono: number;
  /** Since 1970; for what is told to others. */
  readonly wall: number;
}

export const toInstant = ({ wall }: Moment): string => new Date(wall).toISOString();
