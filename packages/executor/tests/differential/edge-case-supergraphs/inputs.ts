import type { SubgraphSdls } from '../test-supergraph/compose-subgraphs.js';

const shared = `
  enum Level { LOW HIGH }
  scalar Moment
  input Range { from: Int! = 1 to: Int levels: [Level!] = [LOW] deeper: Range }
`;

/** Arguments of every kind, with defaults and nulls. Mutations with fields of one and of several subgraphs. */
export const inputs: SubgraphSdls = {
  sensors: `${shared}
    type Query {
      sensors(range: Range = { from: 2, levels: [HIGH] }, names: [String!]): [Sensor!]!
      one(id: ID!, at: Moment, level: Level! = LOW): Sensor
      now: Moment!
    }
    type Mutation { setLevel(id: ID!, level: Level = HIGH): Sensor! reset(range: Range!): [Sensor!] touch: Boolean }
    type Sensor @key(fields: "id") {
      id: ID!
      level: Level!
      readings(range: Range, moments: [[Moment]]): [Moment!]
      grid(n: Int! = 3, m: [Int]): [[Float!]]
      liveState: String
    }
  `,
  alarms: `${shared}
    type Query { alarms(level: Level): [Alarm] }
    type Mutation { acknowledge(ids: [ID!]! = ["1"]): Alarm silence: Sensor liveCount: Int! }
    type Alarm { text(upper: Boolean = true): String! level: Level of: Sensor! }
    type Sensor @key(fields: "id") { id: ID! alarms(range: Range = {}, last: Int = 1): [Alarm!]! liveAlarm: Int quiet: Boolean! }
  `,
};
