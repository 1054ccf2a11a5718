import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

/**
 * Interfaces that implement interfaces, entities behind an `@interfaceObject`, and unions of both. All fields of a review
 * are nullable: plans fetch for all media what is selected on one type, and a non-null error would null other objects.
 */
export const interfaces: SubgraphSdls = {
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
