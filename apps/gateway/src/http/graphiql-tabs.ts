import { Kind, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';

/** Values stand in the operations: GraphiQL forgets the variables of the tab that it opens first. */
const TABS = [
  `# Ctrl-Enter runs it, Ctrl-Space completes.
query Rules {
  rules(filter: { userId: "ana" }) {
    totalCount
    nodes {
      id
      name
      opening
      opensAt
      closesAt
      maxOpenSeconds
    }
  }
}
`,
  `# A second time it is refused: CONFLICT.
mutation CreateRule {
  createRule(
    input: {
      userId: "ana"
      name: "Shop door by day"
      opening: "Shop door"
      opensAt: "08:00"
      closesAt: "18:00"
      maxOpenSeconds: 300
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
  `# First the present state of each service, then every change.
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

export interface Tab {
  readonly query: string;
}

/** Sample operations to begin with, as far as they fit a schema. */
export const openTabs = (schema: GraphQLSchema): readonly Tab[] =>
  TABS.filter((query) => fits(schema, parse(query))).map((query) => ({ query }));

/** Validation says nothing of an operation for which a schema has no type. */
const fits = (schema: GraphQLSchema, document: DocumentNode) =>
  validate(schema, document).length === 0 &&
  document.definitions.every(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || schema.getRootType(definition.operation),
  );
