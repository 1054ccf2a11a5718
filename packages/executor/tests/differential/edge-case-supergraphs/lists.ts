import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

/** Objects without keys, in lists and nested lists. Each subgraph defines other fields of them. */
export const lists: SubgraphSdls = {
  board: `
    type Query { board: Board boards: [Board!]! cell(x: Int = 1): Cell @shareable }
    type Mutation { clear: Board }
    type Board @key(fields: "id") {
      id: ID!
      rows: [[Cell!]!] @shareable
      loose: [[Cell]] @shareable
      cube: [[[Cell]]] @shareable
      pieces: [Piece!]! @shareable
      tags: [[String]] @shareable
      meta: Any @shareable
    }
    scalar Any
    type Cell { label: String @shareable colour: String near: [Cell!] @shareable }
    union Piece = Pawn | King
    type Pawn { moves: Int @shareable rank: Int! home: Cell @shareable }
    type King { moves: Int @shareable checked: Boolean }
  `,
  score: `
    type Query { cell(x: Int = 1): Cell @shareable best: [Board] }
    type Board @key(fields: "id") {
      id: ID!
      rows: [[Cell!]!] @shareable
      loose: [[Cell]] @shareable
      cube: [[[Cell]]] @shareable
      pieces: [Piece!]! @shareable
      tags: [[String]] @shareable
      meta: Any @shareable
      liveScore: Int
    }
    scalar Any
    type Cell { label: String @shareable worth: Int! near: [Cell!] @shareable }
    union Piece = Pawn | King
    type Pawn { moves: Int @shareable worth: Float home: Cell @shareable }
    type King { moves: Int @shareable worth: Float }
  `,
};
