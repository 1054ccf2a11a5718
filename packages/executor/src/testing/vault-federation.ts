import { createTestFederation, type TestFederation } from './test-federation.js';

const PEOPLE = [
  { __typename: 'Person', id: '1', name: 'Ada', email: 'ada@vault.test', card: '11', rank: 'HIGH' },
  { __typename: 'Person', id: '2', name: 'Bob', email: 'bob@vault.test', card: '22', rank: 'LOW' },
];
const NOTE = { __typename: 'Note', id: 'n', title: 'a note', text: 'read me' };
const LETTER = { __typename: 'Letter', id: 'l', title: 'a letter', text: 'private', seal: 'wax' };
const BOX = { __typename: 'Box', id: 'b', label: 'a box' };

/** Creates two subgraphs whose fields and types have authorization directives. */
export function createVaultFederation(): TestFederation {
  let opened = 0;
  return createTestFederation({
    people: {
      typeDefs: `
        type Query {
          open: String
          inside: String @authenticated
          scoped: String @requiresScopes(scopes: [["read:a", "read:b"], ["admin"]])
          judged: String @policy(policies: [["adult", "resident"], ["guest"]])
          doubled: String @authenticated @requiresScopes(scopes: [["read:a"]])
          me: Person
          people: [Person!]!
          maybePeople: [Person]
          documents: [Document]
          strictDocuments: [Document!]!
          anything: [Anything]
          described: [Described]
          vault: Vault
          coin: Coin
          grid: [[Person]]
        }
        type Mutation { openVault: Opening  closeVault: String @authenticated }
        type Opening { count: Int! key: String @authenticated }
        type Person @key(fields: "id") {
          id: ID! @requiresScopes(scopes: [["read:id"]])
          name: String
          email: String @requiresScopes(scopes: [["read:email"]])
          card: String! @policy(policies: [["adult"]])
          rank: Rank
          friend: Person
          vault: Vault
        }
        enum Rank @requiresScopes(scopes: [["read:rank"]]) { HIGH LOW }
        scalar Coin @authenticated
        type Vault @authenticated { gold: Int }
        interface Document { id: ID! title: String text: String }
        type Note implements Document { id: ID! title: String text: String }
        type Letter implements Document @requiresScopes(scopes: [["read:letters"]]) {
          id: ID! title: String text: String seal: String
        }
        interface Described { label: String }
        type Box implements Described { id: ID! label: String }
        type Chest implements Described { id: ID! label: String @authenticated }
        union Anything = Note | Letter | Box
        type Subscription { changed: Person  secretChanged: Person @authenticated }
      `,
      resolvers: {
        Query: {
          open: () => 'o',
          inside: () => 'i',
          scoped: () => 's',
          judged: () => 'j',
          doubled: () => 'd',
          me: () => PEOPLE[0],
          people: () => PEOPLE,
          maybePeople: () => [PEOPLE[0], null, PEOPLE[1]],
          documents: () => [NOTE, LETTER],
          strictDocuments: () => [NOTE, LETTER],
          anything: () => [NOTE, LETTER, BOX],
          described: () => [BOX, { __typename: 'Chest', id: 'c', label: 'a chest' }],
          vault: () => ({ gold: 1 }),
          coin: () => 5,
          grid: () => [[PEOPLE[0]], [PEOPLE[1], null]],
        },
        Mutation: { openVault: () => ({ count: ++opened, key: 'k' }), closeVault: () => 'closed' },
        Person: {
          __resolveReference: ({ id }: { id: string }) => PEOPLE.find((person) => person.id === id),
          friend: () => PEOPLE[1],
          vault: () => ({ gold: 2 }),
        },
      },
    },
    accounts: {
      typeDefs: `
        type Person @key(fields: "id") { id: ID! balance: Int  debt: Int @authenticated  limit: Int! @authenticated }
      `,
      resolvers: {
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            balance: 10 * Number(id),
            debt: 3,
            limit: 4,
          }),
        },
      },
    },
  });
}
