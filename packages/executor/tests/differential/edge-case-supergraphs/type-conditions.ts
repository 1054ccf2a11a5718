import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

/**
 * Unions and interfaces on the way to entities of other subgraphs. Operations select them under one response key with other
 * arguments in each type: at once, in lists, and two fetches further.
 */
export const typeConditions: SubgraphSdls = {
  museum: `
    type Query { exhibits: [Exhibit] hall: [[Shown!]] first: Shown }
    union Exhibit = Painting | Sculpture
    interface Shown { id: ID! maker: Artist helpers: [Artist!] }
    type Painting implements Shown @key(fields: "id") { id: ID! maker: Artist helpers: [Artist!] }
    type Sculpture implements Shown @key(fields: "id") { id: ID! maker: Artist helpers: [Artist!] }
    type Artist @key(fields: "id") { id: ID! }
  `,
  archive: `
    type Query { liveVisitors: Int }
    type Artist @key(fields: "id") { id: ID! portrait(width: Int! = 1): String alt: String note: String! school(year: Int): School }
    type School @key(fields: "id") { id: ID! motto(upper: Boolean = false): String pupils: [Artist!] }
    type Painting @key(fields: "id") { id: ID! copies(of: Int = 1): [Artist] }
  `,
  towns: `
    type School @key(fields: "id") { id: ID! town(lang: String = "es"): String! teacher: Artist liveGuests: Int }
    type Artist @key(fields: "id") { id: ID! }
  `,
};
