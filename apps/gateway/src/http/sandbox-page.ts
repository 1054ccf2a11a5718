import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createPageHeaders } from './page-headers.js';

const SANDBOX_CDN = 'https://embeddable-sandbox.cdn.apollographql.com';
const SANDBOX_FRAME_ORIGIN = 'https://sandbox.embed.apollographql.com';

/**
 * Renders a page that embeds Apollo Sandbox, as in
 * [Apollo's documentation](https://www.apollographql.com/docs/graphos/platform/sandbox). The browser loads Sandbox from
 * Apollo's servers. Sandbox sends operations to the URL of the page, without cookies; its telemetry is off.
 * @param response receives the security headers of the page
 */
export function renderSandboxPage(response: Pick<ServerResponse, 'setHeaders'>): string {
  const nonce = randomBytes(16).toString('base64');
  const headers = createPageHeaders(
    [
      `script-src 'nonce-${nonce}'`,
      `style-src 'nonce-${nonce}' ${SANDBOX_CDN} https://fonts.googleapis.com`,
      `frame-src ${SANDBOX_FRAME_ORIGIN}`,
      "connect-src 'self'",
    ],
    // Sandbox opens a window in which its user signs in to Apollo Studio.
    { 'cross-origin-opener-policy': 'same-origin-allow-popups' },
  );
  response.setHeaders(new Map(Object.entries(headers)));
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Apollo Sandbox</title>
    <style nonce="${nonce}">
      body { margin: 0; font-family: sans-serif; }
      #sandbox, iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: none; }
    </style>
  </head>
  <body>
    <p>Apollo Sandbox loads from Apollo's servers and needs a token. Without internet access, use
      <a href="/graphiql">GraphiQL</a>.</p>
    <div id="sandbox"></div>
    <script nonce="${nonce}" src="${SANDBOX_CDN}/v2/embeddable-sandbox.umd.production.min.js"></script>
    <script nonce="${nonce}">
      new window.EmbeddedSandbox({
        target: '#sandbox',
        initialEndpoint: window.location.href,
        endpointIsEditable: false,
        hideCookieToggle: true,
        includeCookies: false,
        runTelemetry: false,
        allowDynamicStyles: false,
      });
    </script>
  </body>
</html>
`;
}
