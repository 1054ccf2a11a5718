import type { HealthStatus } from '@seguridad-abc/contracts';

/** Dark enough for white text (4.5:1 at least). */
const COLOURS: Record<HealthStatus, string> = {
  UP: '#15803d',
  LATE: '#b45309',
  DEGRADED: '#b45309',
  DOWN: '#b91c1c',
  UNKNOWN: '#4b5563',
  MAINTENANCE: '#1d4ed8',
};
const GREY = '#4b5563';
const LABEL = '#1f2937';
const HEIGHT = 20;
/** About what a character takes in the badge's font; the text is then fitted to it. */
const CHARACTER = 7;
const PADDING = 7;
const MAX_LABEL = 80;

export const statusBadge = (name: string, status: HealthStatus): string =>
  badge(name, status.toLowerCase(), COLOURS[status]);

export const unknownBadge = (name: string): string => badge(name, 'no such service', GREY);

/** Two fields side by side, readable for people who hear instead of see it too. */
function badge(label: string, message: string, colour: string): string {
  const name = Array.from(label).slice(0, MAX_LABEL).join('');
  const left = field(name, 0, LABEL);
  const right = field(message, left.width, colour);
  const width = left.width + right.width;
  const title = escape(`${name}: ${message}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}">
<title>${title}</title>
<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11">
${left.svg}
${right.svg}
</g>
</svg>
`;
}

function field(text: string, x: number, colour: string): { readonly width: number; readonly svg: string } {
  const length = Array.from(text).length * CHARACTER;
  const width = length + 2 * PADDING;
  return {
    width,
    svg:
      `<rect x="${x}" width="${width}" height="${HEIGHT}" fill="${colour}"/>` +
      `<text x="${x + PADDING}" y="14" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escape(text)}</text>`,
  };
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** What XML 1.0 has no way to say is left out. */
const escape = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '')
    .replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? character);
