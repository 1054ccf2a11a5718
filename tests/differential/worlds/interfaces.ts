import type { Subgraphs } from '../world/compose.js';

/**
 * Interfaces of interfaces, entities that a subgraph knows by their interface only, unions of both. Of a review everything
 * may be null: plans ask of all media what is asked of one type, and an error takes nothing with it so.
 */
export const interfaces: Subgraphs = {
  media: `
    type Query { media(id: ID): Media all: [Media!]! book: Book things: [Thing] }
    type Mutation { publish(title: String): Media }
    interface Node { id: ID! }
    interface Media implements Node @key(fields: "id") { id: ID! title: String! related: [Media!] author: Person }
    type Book implements Media & Node @key(fields: "id") {
      id: ID! title: String! related: [Media!] author: Person pages: Int size: Size
    }
    type Film implements Media & Node @key(fields: "id") {
      id: ID! title: String! related: [Media!] author: Person minutes: Int! size: Size
    }
    type Size @shareable { width: Int height: Int }
    type Person @key(fields: "id") { id: ID! name: String! wrote: [Book!] }
    union Thing = Book | Film | Person
  `,
  reviews: `
    type Query { rated: [Media] top: Media! }
    type Media @interfaceObject @key(fields: "id") {
      id: ID!
      stars(of: Int! = 5): Float
      reviews: [Review!]
    }
    type Review { text: String about: Media by: Person }
    type Person @key(fields: "id") { id: ID! reviews: [Review] }
  `,
  shops: `
    type Query { shop: Shop }
    interface Sold { price: Int }
    type Book implements Sold @key(fields: "id") { id: ID! price: Int shops: [Shop!] }
    type Person implements Sold @key(fields: "id") { id: ID! price: Int }
    type Shop @key(fields: "id") { id: ID! sells: [Sold!]! best: Sold }
  `,
};
