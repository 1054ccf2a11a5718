import { randomBytes } from 'node:crypto';

const CDN = 'https://embeddable-sandbox.cdn.apollographql.com';
const FRAMES = 'https://sandbox.embed.apollographql.com';

/**
 * Apollo Sandbox, as Apollo documents how it is embedded. It comes from Apollo's servers, and sends operations to the
 * address at which the page was opened. It is told to report nothing.
 */
export function sandboxPage(): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    `script-src 'nonce-${nonce}' ${CDN}`,
    `style-src 'nonce-${nonce}' ${CDN} https://fonts.googleapis.com`,
    `frame-src ${FRAMES}`,
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
    <p>Apollo Sandbox comes from Apollo's servers. Without internet, there is <a href="/graphiql">GraphiQL</a>.</p>
    <div id="sandbox"></div>
    <script nonce="${nonce}" src="${CDN}/v2/embeddable-sandbox.umd.production.min.js"></script>
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
