import { createPageHeaders, hashForPolicy } from '../http/page-headers.js';
import { PRODUCT_LOGO, PRODUCT_TITLE } from '../http/graphiql-page.js';

const STYLE = `
      body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
      h1 { display: flex; gap: 0.75rem; align-items: center }
      button { font: inherit }
    `;

/** Headers of the page: its script and its requests come from and go to the gateway only. */
export const SIGN_IN_PAGE_HEADERS = createPageHeaders([
  "script-src 'self'",
  `style-src ${hashForPolicy(STYLE)}`,
  "connect-src 'self'",
  'img-src data:',
]);

/** The page that exchanges the code of a sign-in link. `apps/gateway/sign-in/page.mjs` is its script. */
export const SIGN_IN_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Sign in · ${PRODUCT_TITLE}</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(PRODUCT_LOGO)}" />
    <style>${STYLE}</style>
  </head>
  <body>
    <h1>${PRODUCT_LOGO} ${PRODUCT_TITLE}</h1>
    <noscript>Signing in needs JavaScript. Enable it and open the link again.</noscript>
    <p id="state" role="status"></p>
    <button id="sign-out" type="button" hidden>Sign out</button>
    <p><a href="/">Console</a> · <a href="/graphiql">GraphiQL</a></p>
    <script type="module" src="/sign-in/page.mjs"></script>
  </body>
</html>
`;
