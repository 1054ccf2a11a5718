import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

/** Fields that require others: in a chain, with arguments, in objects and in lists of several types. */
export const requires: SubgraphSdls = {
  goods: `
    type Query { good: Good goods(first: Int = 2): [Good!] }
    type Mutation { add(name: String): Good remove: Good }
    enum Unit { KG LB }
    type Good @key(fields: "id") {
      id: ID!
      name: String
      weight(unit: Unit! = KG): Float
      size: Size
      parts: [Part!]
      main: Part
      boxes: [[Box]]
    }
    type Size @shareable { width: Int! height: Int }
    type Box @shareable { label: String inner: Size }
    interface Part { id: ID! }
    type Wheel implements Part @key(fields: "id") { id: ID! spokes: Int }
    type Motor implements Part @key(fields: "id") { id: ID! power: Int! }
  `,
  freight: `
    enum Unit { KG LB }
    type Good @key(fields: "id") {
      id: ID!
      weight(unit: Unit! = KG): Float @external
      size: Size @external
      boxes: [[Box]] @external
      parts: [Part!] @external
      freight: Int @requires(fields: "weight(unit: LB) size { width }")
      boxing(fast: Boolean = false): String @requires(fields: "boxes { label inner { height } }")
      fitting: String @requires(fields: "parts { id ... on Wheel { spokes } ... on Motor { power } }")
    }
    type Size @shareable { width: Int! height: Int }
    type Box @shareable { label: String inner: Size }
    interface Part { id: ID! }
    type Wheel implements Part @key(fields: "id") { id: ID! spokes: Int @external }
    type Motor implements Part @key(fields: "id") { id: ID! power: Int! @external }
  `,
  prices: `
    type Good @key(fields: "id") {
      id: ID!
      name: String @external
      freight: Int @external
      boxing(fast: Boolean = false): String @external
      price: Float @requires(fields: "freight name")
      offer: String @requires(fields: "boxing(fast: true)")
    }
  `,
  taxes: `
    type Good @key(fields: "id") {
      id: ID!
      price: Float @external
      tax: Float @requires(fields: "price")
      liveTax: Int
    }
  `,
};
