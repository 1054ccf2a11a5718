import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

/** Keys of every kind, and paths through several of them. Provided, overridden and inaccessible fields. */
export const keys: SubgraphSdls = {
  people: `
    type Query { user: User users: [User!]! order: Order }
    type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: String @shareable boss: User age: Int @inaccessible }
    type Order @key(fields: "number buyer { id }") { number: Int! buyer: User! note: String }
    type Account @key(fields: "owner { id } kind { name }") { owner: Owner! kind: Kind! balance: Float }
    type Owner @shareable { id: ID! }
    type Kind @shareable { name: String! }
  `,
  mails: `
    type Query { inbox: [User] latest: User @provides(fields: "name") }
    type User @key(fields: "email") { email: String! name: String @external mails: [Mail!] verified: Boolean! }
    type Mail { subject: String from: User to: [[User!]!] @provides(fields: "name") }
  `,
  orders: `
    type Query { orders: [Order] accounts: [Account!] }
    type User @key(fields: "id") { id: ID! age: Int @external orders: [Order!] adult: Boolean @requires(fields: "age") }
    type Order @key(fields: "number buyer { id }") { number: Int! buyer: User! total: Float items: [[Item]] }
    type Item { of: Order amount: Int! secret: String @inaccessible }
    type Account @key(fields: "owner { id } kind { name }") { owner: Owner! kind: Kind! orders: [Order] }
    type Owner @shareable { id: ID! }
    type Kind @shareable { name: String! }
  `,
  legacy: `
    type User @key(fields: "id", resolvable: false) { id: ID! }
    type Query { admin: User, oldOrder: Order }
    type Order @key(fields: "number buyer { id }") { number: Int! buyer: User! note: String @override(from: "people") paid: Boolean }
  `,
};
