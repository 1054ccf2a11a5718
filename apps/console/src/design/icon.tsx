/** Outlines on a grid of 24 by 24. */
const PATHS = {
  alert: 'M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 2.6v.4',
  bars: 'M5 20V11m4.7 9V5m4.6 15v-6M19 20V8',
  battery: 'M3 8h15v8H3V8Zm18 3v2M6 11v2',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  close: 'm6 6 12 12M18 6 6 18',
  door: 'M5 21V3h11v18M3 21h18M12.5 12v1.5',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-2.6-11.2a2.6 2.6 0 1 1 3.6 2.6c-.7.4-1 .8-1 1.7m0 2.7v.3',
  offline: 'M4 4l16 16M8.5 15.5a5 5 0 0 1 5-1.2M5 12a10 10 0 0 1 4-2.4m4.6-.3A10 10 0 0 1 19 12M12 19v.3',
  pulse: 'M3 12h4l2.5-7 5 14 2.5-7h4',
  shield: 'M12 3 4.5 6v6c0 4.5 3.2 7.6 7.5 9 4.3-1.4 7.5-4.5 7.5-9V6L12 3Z',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 9a7.5 7.5 0 0 1 15 0',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a text that says the same, so it is hidden from screen readers. */
export const Icon = ({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.75"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    <path d={PATHS[name]} />
  </svg>
);
