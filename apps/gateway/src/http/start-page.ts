import type { HttpServer } from '@seguridad-abc/platform';
import { PRODUCT_LOGO, PRODUCT_TITLE } from './graphiql-page.js';
import { GRAPHQL_PATH } from './graphql-endpoint.js';
import { PAGE_COST, type RouteCharges } from '../requests/route-charges.js';
import { createPageHeaders, hashForPolicy } from './page-headers.js';

export interface StartPageOptions {
  readonly http: Pick<HttpServer, 'app'>;
  readonly charges: Pick<RouteCharges, 'ofAddress'>;
  /** Whether the server has pages for developers. Without them, `/` is as unknown as any other path. */
  readonly hasDeveloperPages: boolean;
  /** Whether `/status.json` needs a token, which a link in a page cannot send. */
  readonly doesStatusNeedToken: boolean;
}

/**
 * Serves the links to the gateway's pages at `/`, for development. Answers every other path that no route knows with
 * status 404 and a GraphQL error that names nothing of this server. Call it after all other routes are added.
 */
export function serveStartPage({
  http,
  charges,
  hasDeveloperPages,
  doesStatusNeedToken,
}: StartPageOptions): void {
  const chargePage = charges.ofAddress(PAGE_COST);
  if (hasDeveloperPages) {
    const page = renderStartPage(doesStatusNeedToken);
    http.app.get('/', chargePage, (_request, response) => {
      response.set(PAGE_HEADERS).type('html').send(page);
    });
  }
  http.app.use(chargePage, (_request, response) => {
    response.status(404).json({
      errors: [{ message: 'There is nothing at this address.', extensions: { code: 'NOT_FOUND' } }],
    });
  });
}

const STYLE = `
      body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
      h1 { display: flex; gap: 0.75rem; align-items: center }
      dt { margin-top: 1rem; font-weight: 600 }
      dd { margin: 0 }
    `;

/** The page has no script. */
const PAGE_HEADERS = createPageHeaders([`style-src ${hashForPolicy(STYLE)}`, 'img-src data:']);

const STATUS_LINK = `<dt><a href="/status.json">Status</a></dt>
      <dd>The health of every service as JSON.</dd>`;
const STATUS_COMMAND = `<dt>Status</dt>
      <dd>Run <code>npm run status</code> in the folder of the project: it shows the health of every service.</dd>`;

const renderStartPage = (doesStatusNeedToken: boolean) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${PRODUCT_TITLE}</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(PRODUCT_LOGO)}" />
    <style>${STYLE}</style>
  </head>
  <body>
    <h1>${PRODUCT_LOGO} ${PRODUCT_TITLE}</h1>
    <p>The gateway of this installation runs.</p>
    <dl>
      <dt><a href="/graphiql">GraphiQL</a></dt>
      <dd>Run queries, mutations and subscriptions. It works without internet, and shows how to sign in.</dd>
      <dt><a href="${GRAPHQL_PATH}">Apollo Sandbox</a></dt>
      <dd>The same with Apollo's editor, which loads from the internet and needs a token. Programs send GraphQL requests to
        this address.</dd>
      ${doesStatusNeedToken ? STATUS_COMMAND : STATUS_LINK}
      <dt>Documentation</dt>
      <dd>README.md and the folder docs of the project.</dd>
    </dl>
  </body>
</html>
`;
