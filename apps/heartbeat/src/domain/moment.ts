/** One moment on the receiver's two clocks. */
export interface Moment {
  /** Milliseconds of a clock that only goes forward: what is judged by. */
  readonly mono: number;
  /** Milliseconds since 1970: what is shown. It may jump. */
  readonly wall: number;
}

/** As contracts write an instant. */
export const toInstant = (wall: number): string => new Date(wall).toISOString();
