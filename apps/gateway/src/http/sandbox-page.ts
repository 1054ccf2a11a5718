import { randomBytes } from 'node:crypto';

const SANDBOX_CDN = 'https://embeddable-sandbox.cdn.apollographql.com';
const SANDBOX_FRAME_ORIGIN = 'https://sandbox.embed.apollographql.com';

/**
 * Renders a page that embeds Apollo Sandbox, as in
 * [Apollo's documentation](https://www.apollographql.com/docs/graphos/platform/sandbox). The browser loads Sandbox from
 * Apollo's servers. Sandbox sends operations to the URL of the page; its telemetry is off.
 */
export function renderSandboxPage(): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    `script-src 'nonce-${nonce}' ${SANDBOX_CDN}`,
    `style-src 'nonce-${nonce}' ${SANDBOX_CDN} https://fonts.googleapis.com`,
    `frame-src ${SANDBOX_FRAME_ORIGIN}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="content-security-policy" content="${policy}" />
    <title>Apollo Sandbox</title>
    <style nonce="${nonce}">
      body { margin: 0; font-family: sans-serif; }
      #sandbox, iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: none; }
    </style>
  </head>
  <body>
    <p>Apollo Sandbox loads from Apollo's servers. Without internet access, use <a href="/graphiql">GraphiQL</a>.</p>
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
