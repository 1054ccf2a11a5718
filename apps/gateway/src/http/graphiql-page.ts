import { Kind, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';

/** A tab of GraphiQL's editor. */
export interface GraphiqlTab {
  readonly query: string;
}

/**
 * How the operations of GraphiQL are authorized: by the cookie of a browser that has signed in, by a token that its user
 * writes into the headers editor, or not at all (`AUTH=off`). Such a token always wins over the cookie.
 */
export type GraphiqlAccess = 'sign-in' | 'token' | 'open';

/** Settings that `apps/gateway/graphiql/page.mjs` reads from the page. */
export interface GraphiqlPageSettings {
  /** Path of the GraphQL endpoint. */
  readonly endpoint: string;
  readonly access: GraphiqlAccess;
  readonly defaultTabs: readonly GraphiqlTab[];
}

/** The name in the pages of the gateway. */
export const PRODUCT_TITLE = 'Seguridad ABC';

/** An open door, as SVG. */
export const PRODUCT_LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><path fill="#0f766e" d="M6 3h20v26H6z"/><path fill="#ccfbf1" d="M9 6h14v20H9z"/><path fill="#14b8a6" d="m9 6 10 4v20L9 26z"/><circle cx="16.5" cy="18" r="1.4" fill="#ccfbf1"/></svg>`;

/** Renders the HTML page that loads GraphiQL. */
export const renderGraphiqlPage = (settings: GraphiqlPageSettings): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>GraphiQL · ${PRODUCT_TITLE}</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(PRODUCT_LOGO)}" />
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <style>
      body { margin: 0; height: 100dvh; display: flex; flex-direction: column }
      #session { margin: 0; padding: 0.25rem 1rem; font: 0.875rem/1.5 system-ui, sans-serif; background: #ccfbf1; color: #134e4a }
      #session:empty { display: none }
      #session button { font: inherit }
      #query-plan { padding: 0 1rem; font: 0.875rem/1.5 system-ui, sans-serif }
      #query-plan pre { margin: 0; max-height: 40dvh; overflow: auto; font-size: 0.8125rem }
      #root { flex: 1; min-height: 0 }
      /* GraphiQL offsets its first tabs and hides that until a tab has the focus: a pressed tab would move away. */
      .graphiql-tab { transform: none !important }
    </style>
  </head>
  <body>
    <noscript>GraphiQL needs JavaScript. Enable it and reload the page.</noscript>
    <p id="session" role="status"></p>
    <details id="query-plan">
      <summary>Query plan</summary>
      <pre>Run an operation to see its plan here. Only operators can see plans.</pre>
    </details>
    <div id="root"></div>
    <script type="application/json" id="settings">${toScriptJson({ ...settings, title: PRODUCT_TITLE, logo: PRODUCT_LOGO })}</script>
    <script defer src="/graphiql/graphiql.js"></script>
    <script type="module" src="/graphiql/page.mjs"></script>
  </body>
</html>
`;

/** JSON that cannot close the script element around it. */
const toScriptJson = (value: unknown) => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);

/** The values are inline because GraphiQL drops the variables of its first tab. */
const SAMPLE_OPERATIONS = [
  `# Press Ctrl-Enter to run this query. Press Ctrl-Space for completion.
query Rules {
  rules(filter: { userId: "ana" }) {
    totalCount
    nodes {
      id
      name
      opening
      windows {
        days
        opensAt
        closesAt
      }
      maxOpenSeconds
    }
  }
}
`,
  `# A second run fails with CONFLICT: change the name. See docs/rule-examples.md for rules with
# holidays and exceptions, and for what else can be an alarm.
mutation CreateRule {
  createRule(
    input: {
      userId: "ana"
      name: "Garage by night"
      opening: "Garage"
      windows: [
        { opensAt: "19:00", closesAt: "23:00" }
        { days: [SATURDAY, SUNDAY], opensAt: "09:00", closesAt: "13:00" }
      ]
      maxOpenSeconds: 120
    }
  ) {
    rule {
      id
      name
      version
    }
  }
}
`,
  `# Delivers the current status of each service, then every change.
subscription Health {
  heartbeat {
    name
    status
    reason
    since
  }
}
`,
];

/** Selects the sample operations that are valid in a schema, one per tab. */
export const selectSampleTabs = (schema: GraphQLSchema): readonly GraphiqlTab[] =>
  SAMPLE_OPERATIONS.filter((query) => isValidOperation(schema, parse(query))).map((query) => ({ query }));

/** `validate` accepts an operation whose root type the schema does not have. */
const isValidOperation = (schema: GraphQLSchema, document: DocumentNode) =>
  validate(schema, document).length === 0 &&
  document.definitions.every(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || schema.getRootType(definition.operation),
  );
