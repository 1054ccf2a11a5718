import type { HealthStatus } from '@seguridad-abc/contracts';

/** Each color has a contrast of at least 4.5:1 with white text. */
const STATUS_COLORS: Record<HealthStatus, string> = {
  UP: '#15803d',
  LATE: '#b45309',
  DEGRADED: '#b45309',
  DOWN: '#b91c1c',
  UNKNOWN: '#4b5563',
  MAINTENANCE: '#1d4ed8',
};
const UNKNOWN_SERVICE_COLOR = '#4b5563';
const LABEL_COLOR = '#1f2937';
const HEIGHT_PX = 20;
/** Approximate width of a character; `textLength` then fits the text exactly. */
const CHARACTER_WIDTH_PX = 7;
const PADDING_PX = 7;
const MAX_LABEL_LENGTH = 80;

/** Renders an SVG badge with a service's name and status. */
export const renderStatusBadge = (serviceName: string, status: HealthStatus): string =>
  renderBadge(serviceName, status.toLowerCase(), STATUS_COLORS[status]);

/** Renders an SVG badge for a service that does not exist. The name may be any text; it is escaped and cut. */
export const renderUnknownServiceBadge = (serviceName: string): string =>
  renderBadge(serviceName, 'no such service', UNKNOWN_SERVICE_COLOR);

/** Two boxes side by side. The title and the label make the badge accessible to screen readers. */
function renderBadge(label: string, message: string, messageColor: string): string {
  const shortLabel = Array.from(label).slice(0, MAX_LABEL_LENGTH).join('');
  const left = renderBox(shortLabel, 0, LABEL_COLOR);
  const right = renderBox(message, left.width, messageColor);
  const width = left.width + right.width;
  const title = escapeXml(`${shortLabel}: ${message}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT_PX}" role="img" aria-label="${title}">
<title>${title}</title>
<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11">
${left.svg}
${right.svg}
</g>
</svg>
`;
}

function renderBox(text: string, x: number, color: string): { readonly width: number; readonly svg: string } {
  const textWidth = Array.from(text).length * CHARACTER_WIDTH_PX;
  const width = textWidth + 2 * PADDING_PX;
  return {
    width,
    svg:
      `<rect x="${x}" width="${width}" height="${HEIGHT_PX}" fill="${color}"/>` +
      `<text x="${x + PADDING_PX}" y="14" textLength="${textWidth}" lengthAdjust="spacingAndGlyphs">${escapeXml(text)}</text>`,
  };
}

const XML_ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Escapes text for XML 1.0 and removes the characters that XML 1.0 does not allow. */
const escapeXml = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '')
    .replace(/[&<>"']/g, (character) => XML_ENTITIES.get(character) ?? character);
