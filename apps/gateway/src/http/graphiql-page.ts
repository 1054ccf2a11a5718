import type { Tab } from './graphiql-tabs.js';

export interface PageSettings {
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly defaultTabs: readonly Tab[];
}

const TITLE = 'Seguridad ABC';

/** A door, ajar. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><path fill="#0f766e" d="M6 3h20v26H6z"/><path fill="#ccfbf1" d="M9 6h14v20H9z"/><path fill="#14b8a6" d="m9 6 10 4v20L9 26z"/><circle cx="16.5" cy="18" r="1.4" fill="#ccfbf1"/></svg>`;

/** The page that loads GraphiQL; `apps/gateway/graphiql/page.mjs` reads its settings. */
export const graphiqlPage = (settings: PageSettings): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>GraphiQL · ${TITLE}</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(LOGO)}" />
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <style>
      body { margin: 0 }
      #root { height: 100dvh }
    </style>
  </head>
  <body>
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script type="application/json" id="settings">${inScript({ ...settings, title: TITLE, logo: LOGO })}</script>
    <script defer src="/graphiql/graphiql.js"></script>
    <script type="module" src="/graphiql/page.mjs"></script>
  </body>
</html>
`;

/** JSON that cannot end the element that it stands in. */
const inScript = (value: unknown) => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
