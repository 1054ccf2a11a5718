import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createFrame, createHandshake, FRAME_KINDS } from './websocket-frames.mjs';

/**
 * @typedef {object} HttpAttack a request that is sent again and again, over several connections at once
 * @property {string} name
 * @property {AttackerRole} role
 * @property {string} answer the error code of a refusal, or the status of an attack that is served within the limits
 * @property {string} [productionAnswer] if it differs in production
 * @property {true} [needsRules] whether the attacker must be the one who has {@link ATTACKER_OPENINGS}
 * @property {number} [connections] number of connections, if it is not that of the job
 * @property {(n: number) => AttackRequest} createRequest the n-th request
 *
 * @typedef {object} WebSocketAttack sockets that are opened one after the other and stay open until the end of the attack
 * @property {string} name
 * @property {AttackerRole} role
 * @property {string} answer an error code or close code; `opened` if the sockets are only limited in number
 * @property {(n: number, token: string | undefined) => readonly (object | string)[]} createMessages what the n-th socket sends
 *
 * @typedef {object} RawAttack connections that send bytes as fast as possible; a closed one is opened again
 * @property {string} name
 * @property {AttackerRole} role
 * @property {string} answer an error code or a status; `opened` if the gateway need not answer
 * @property {number} [connections] number of connections
 * @property {(host: string, token: string | undefined) => string | Buffer} createOpening sent first
 * @property {string} [repeatAfter] text of the answer after which the repeated bytes are sent
 * @property {(host: string, token: string | undefined) => string | Buffer} [createRepeated] sent again and again; without
 *   it, the connection sends nothing more
 *
 * @typedef {object} AttackRequest
 * @property {'GET' | 'POST'} [method] POST by default
 * @property {string} [path] below the gateway's origin; `/graphql` by default
 * @property {Record<string, string>} [headers]
 * @property {string | Buffer} [body]
 *
 * @typedef {'anonymous' | 'device' | 'customer' | 'operator'} AttackerRole
 * @typedef {HttpAttack | WebSocketAttack | RawAttack} Attack
 */

/** Created on first use: its compression takes a second. @type {Buffer | undefined} */
let gzipBomb;
/** @type {Buffer | undefined} */
let gzipMembers;

/** The attacker that has {@link ATTACKER_OPENINGS}. */
export const ATTACKER_ID = 'attacker';
/** Openings of the attacker, each with {@link ATTACKER_RULES_PER_OPENING} rules, before the attacks begin. */
export const ATTACKER_OPENINGS = ['opening-0', 'opening-1', 'opening-2', 'opening-3'];
export const ATTACKER_RULES_PER_OPENING = 50;

const HOUR_MS = 3_600_000;
const MUTATION = 'deleteRule(input: { id: "r", expectedVersion: 1 }) { rule { id } }';
const SIMULATION =
  'simulateRule(rule: { opening: "opening-0", maxOpenSeconds: 1 }, from: "2026-01-01T00:00:00Z", to: "2026-12-31T00:00:00Z") { alarms { raisedAt } openSeconds }';
const CREATE_RULE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';
const RECORD_READINGS =
  'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted duplicates } }';

/** @param {number} count @param {(index: number) => string} createText */
const repeat = (count, createText) =>
  Array.from({ length: count }, (_, index) => createText(index)).join(' ');

/** @param {string} query @param {unknown} [variables] @param {object} [extensions] @returns {AttackRequest} */
const createGraphQLRequest = (query, variables, extensions) => ({
  body: JSON.stringify({ query, variables, extensions }),
});

/** A letter with many combining marks. Their normalization takes quadratic time. @param {number} byteCount */
const createCombiningMarks = (byteCount) => `a${'\u0316\u0300'.repeat(byteCount / 4)}`;
const COMBINING_MARKS = createCombiningMarks(60_000);

/** @param {string} name @param {string} query @param {(text: string) => unknown} createVariables @returns {HttpAttack} */
const createLongTextAttack = (name, query, createVariables) => ({
  name: `60 kB of combining marks as ${name}`,
  role: 'customer',
  answer: 'TOO_LONG',
  createRequest: () => createGraphQLRequest(query, createVariables(COMBINING_MARKS)),
});

/** Selections that all have to be compared with each other, at every level. @param {number} width */
const createOverlappingFields = (width) =>
  `{ viewer { ${repeat(width, () => 'rules { nodes { id name } }')} } }`;

const MANY_MEMBERS = Array.from({ length: 200_000 }, (_, index) => `"${index.toString(36)}":1`).join(',');
const SMALL_QUERY = '{ viewer { id } }';
/** A body that is announced with its length, as bytes. @param {string} host @param {string} headers @param {string} body */
const createPost = (host, headers, body) =>
  `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${headers}\r\n${body}`;
const HEALTH_REQUEST = 'GET /status.json HTTP/1.1\r\nhost: localhost\r\n\r\n';
/** @param {string | undefined} token */
const createAuthorization = (token) => (token === undefined ? '' : `authorization: Bearer ${token}\r\n`);
/** @param {Buffer} bytes @param {number} count */
const repeatBytes = (bytes, count) => Buffer.concat(Array.from({ length: count }, () => bytes));
/** @param {string | undefined} token */
const createAcceptedSocket = (token) =>
  createFrame(FRAME_KINDS.text, Buffer.from(JSON.stringify(createConnectionInit(token))));

/** @type {readonly Attack[]} */
export const ATTACKS = [
  {
    name: '960 kB of combining marks',
    role: 'customer',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: () =>
      createGraphQLRequest(CREATE_RULE, { input: { name: createCombiningMarks(960_000), opening: 'o' } }),
  },
  createLongTextAttack('the name of a rule', CREATE_RULE, (name) => ({ input: { name, opening: 'o' } })),
  createLongTextAttack(
    'a search',
    'query ($text: String) { rules(filter: { search: $text }) { nodes { id } } }',
    (text) => ({ text }),
  ),
  createLongTextAttack(
    'a cursor',
    'query ($text: String) { rules(after: $text) { nodes { id } } }',
    (text) => ({ text }),
  ),
  createLongTextAttack('an id', 'query ($text: ID!) { rule(id: $text) { id } }', (text) => ({ text })),
  createLongTextAttack('a clientMutationId', CREATE_RULE, (clientMutationId) => ({
    input: { clientMutationId, name: 'n', opening: 'o', maxOpenSeconds: 60 },
  })),
  {
    name: 'pages nested in pages, 3 deep',
    role: 'customer',
    answer: 'OPERATION_TOO_COSTLY',
    createRequest: () =>
      createGraphQLRequest(
        '{ viewer { rules(first: 200) { nodes { user { rules(first: 200) { nodes { user { rules(first: 200) { nodes { id } } } } } } } } } }',
      ),
  },
  {
    name: 'the largest nested pages within the budget',
    needsRules: true,
    role: 'customer',
    answer: '200',
    createRequest: () =>
      createGraphQLRequest(
        '{ viewer { rules(first: 90) { nodes { id user { rules(first: 90) { nodes { id name } } } } } } }',
      ),
  },
  {
    name: 'rules of openings of rules',
    role: 'customer',
    answer: 'OPERATION_TOO_COSTLY',
    createRequest: () =>
      createGraphQLRequest(
        '{ viewer { openings { name rules { id user { openings { name rules { id name } } } } } } }',
      ),
  },
  {
    name: '1,000 back-dated readings under 50 rules each',
    needsRules: true,
    role: 'device',
    answer: 'QUOTA_EXCEEDED',
    createRequest: (n) =>
      createGraphQLRequest(RECORD_READINGS, {
        input: {
          readings: Array.from({ length: 1_000 }, (_, index) => ({
            id: randomUUID(),
            opening: ATTACKER_OPENINGS[n % ATTACKER_OPENINGS.length],
            state: index % 2 === 0 ? 'OPEN' : 'CLOSED',
            at: new Date(Date.now() - 20 * HOUR_MS + index * 1_000).toISOString(),
          })),
        },
      }),
  },
  {
    name: '90 back-dated readings under 50 rules each',
    needsRules: true,
    role: 'device',
    answer: 'QUOTA_EXCEEDED',
    createRequest: (n) =>
      createGraphQLRequest(RECORD_READINGS, {
        input: {
          readings: Array.from({ length: 90 }, (_, index) => ({
            id: randomUUID(),
            opening: ATTACKER_OPENINGS[n % ATTACKER_OPENINGS.length],
            state: index % 2 === 0 ? 'OPEN' : 'CLOSED',
            at: new Date(Date.now() - 20 * HOUR_MS + (n * 90 + index) * 500).toISOString(),
          })),
        },
      }),
  },
  .../** @type {const} */ (['anonymous', 'customer']).map((role) => ({
    name: '330 mutations',
    role,
    // Clients without a token are refused before the document is validated.
    answer: role === 'anonymous' ? 'UNAUTHENTICATED' : 'OPERATION_TOO_COMPLEX',
    createRequest: () =>
      createGraphQLRequest(`mutation { ${repeat(330, (i) => `a${String(i)}: ${MUTATION}`)} }`),
  })),
  {
    name: '20 mutations, each time under other aliases',
    role: 'customer',
    answer: 'NOT_FOUND',
    createRequest: (n) =>
      createGraphQLRequest(`mutation { ${repeat(20, (i) => `a${String(n)}_${String(i)}: ${MUTATION}`)} }`),
  },
  {
    name: 'a new document of 30 aliased entities each time',
    role: 'customer',
    answer: '200',
    createRequest: (n) =>
      createGraphQLRequest(
        `{ viewer { ${repeat(15, (i) => `a${String(n)}_${String(i)}: rules(first: 1) { nodes { id user { id } } }`)} } }`,
      ),
  },
  {
    name: '1,000 equal selections that are compared with each other',
    role: 'customer',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: (n) => createGraphQLRequest(`${createOverlappingFields(1_000)} # ${String(n)}`),
  },
  {
    name: '240 kB of comments, different each time',
    role: 'customer',
    answer: 'GRAPHQL_PARSE_FAILED',
    createRequest: (n) => createGraphQLRequest(`{ viewer { a${String(n)}: id } } ${'#\n'.repeat(120_000)}`),
  },
  {
    name: '20 simulations of a year',
    needsRules: true,
    role: 'customer',
    answer: '200',
    createRequest: () => createGraphQLRequest(`{ ${repeat(20, (i) => `a${String(i)}: ${SIMULATION}`)} }`),
  },
  {
    name: 'an Authorization header of spaces',
    role: 'customer',
    answer: '200',
    createRequest: (n) => ({
      ...createGraphQLRequest('{ viewer { id } }'),
      headers: { 'x-padding': ' '.repeat(1_000 + (n % 1_000)) },
    }),
  },
  {
    name: 'a forged token, different each time',
    role: 'anonymous',
    answer: 'UNAUTHENTICATED',
    createRequest: (n) => ({
      ...createGraphQLRequest('{ viewer { id } }'),
      headers: {
        authorization: `Bearer ${Buffer.from('{"alg":"EdDSA"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: `u${String(n)}` })).toString('base64url')}.${'A'.repeat(86)}`,
      },
    }),
  },
  {
    name: 'lists nested 4,900 deep',
    role: 'anonymous',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: () =>
      createGraphQLRequest(`{ rules(filter: ${'['.repeat(4_900)}${']'.repeat(4_900)}) { nodes { id } } }`),
  },
  {
    name: '60,000 values in a variable',
    role: 'customer',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: () =>
      createGraphQLRequest('query ($f: AlarmFilter) { alarms(filter: $f) { nodes { id } } }', {
        f: { severity: Array.from({ length: 60_000 }, () => 'INFO') },
      }),
  },
  {
    name: 'JSON nested 1,000,000 deep',
    role: 'customer',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: () => ({
      body: `{"query":"{ viewer { id } }","variables":{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}}`,
    }),
  },
  {
    name: '200,000 names in a variable',
    role: 'customer',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: () => ({
      body: `{"query":"{ viewer { id } }","variables":{"a":{${MANY_MEMBERS}}}}`,
    }),
  },
  {
    name: 'a gzip bomb of 50 MB',
    role: 'customer',
    answer: 'PAYLOAD_TOO_LARGE',
    createRequest: () => ({
      headers: { 'content-encoding': 'gzip' },
      body: (gzipBomb ??= gzipSync(
        JSON.stringify({ query: `{ viewer { id } } #${' '.repeat(50_000_000)}` }),
      )),
    }),
  },
  {
    name: 'registration of persisted documents',
    role: 'anonymous',
    answer: 'BAD_REQUEST',
    createRequest: (n) =>
      createGraphQLRequest(`{ services { name a${String(n)}: status } } ${'#\n'.repeat(20_000)}`, undefined, {
        persistedQuery: { version: 1, sha256Hash: n.toString(16).padStart(64, '0') },
      }),
  },
  {
    name: 'fragments that grow exponentially',
    role: 'anonymous',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: () =>
      createGraphQLRequest(
        `{ services { ...F0 } } ${repeat(60, (i) => `fragment F${String(i)} on ServiceHealth { ...F${String(i + 1)} ...F${String(i + 1)} }`)} fragment F60 on ServiceHealth { name }`,
      ),
  },
  {
    name: 'a small query as fast as possible',
    role: 'customer',
    answer: '200',
    createRequest: () => createGraphQLRequest('{ viewer { id rules(first: 5) { nodes { id } } } }'),
  },
  {
    name: 'a small command as fast as possible',
    role: 'customer',
    answer: 'NOT_FOUND',
    createRequest: () => createGraphQLRequest(`mutation { ${MUTATION} }`),
  },
  {
    name: 'public health as fast as possible',
    role: 'anonymous',
    answer: '200',
    createRequest: () => ({ method: 'GET', path: '/status.json' }),
  },
  {
    name: 'pages as fast as possible',
    role: 'anonymous',
    answer: '200',
    createRequest: () => ({ method: 'GET', path: '/', headers: { accept: 'text/html' } }),
  },
  {
    name: '2 MB of JSON for a small query',
    role: 'customer',
    answer: '200',
    createRequest: () =>
      createGraphQLRequest(SMALL_QUERY, undefined, {
        padding: Array.from({ length: 40 }, () => 'x'.repeat(50_000)),
      }),
  },
  {
    name: '60 kB of JSON without a token',
    role: 'anonymous',
    answer: 'UNAUTHENTICATED',
    createRequest: () => createGraphQLRequest(SMALL_QUERY, { a: Array.from({ length: 20_000 }, () => 1) }),
  },
  {
    name: 'introspection under 20 aliases',
    role: 'anonymous',
    answer: 'OPERATION_TOO_COSTLY',
    productionAnswer: 'UNAUTHENTICATED',
    createRequest: () =>
      createGraphQLRequest(
        `{ ${repeat(20, (i) => `a${String(i)}: __schema { types { name fields { name args { name } type { name } } } }`)} }`,
      ),
  },
  {
    name: '4,000 times __typename',
    role: 'anonymous',
    answer: 'OPERATION_TOO_COMPLEX',
    createRequest: () => createGraphQLRequest(`{ ${repeat(4_000, () => '__typename')} }`),
  },
  {
    name: 'a small new document each time',
    role: 'customer',
    answer: '200',
    createRequest: (n) =>
      createGraphQLRequest(`{ a${String(n)}: viewer { id rules(first: 1) { nodes { id } } } }`),
  },
  {
    name: 'registration of a new persisted document each time',
    role: 'customer',
    answer: '200',
    createRequest: (n) => {
      const query = `{ viewer { p${String(n)}: id } } ${'#\n'.repeat(4_000)}`;
      const sha256Hash = createHash('sha256').update(query).digest('hex');
      return createGraphQLRequest(query, undefined, { persistedQuery: { version: 1, sha256Hash } });
    },
  },
  {
    name: 'an unknown persisted id each time',
    role: 'customer',
    answer: 'PERSISTED_QUERY_NOT_FOUND',
    createRequest: (n) =>
      createGraphQLRequest('', undefined, {
        persistedQuery: { version: 1, sha256Hash: n.toString(16).padStart(64, '0') },
      }),
  },
  {
    name: 'a token of 7 KiB of claims, different each time',
    role: 'anonymous',
    answer: 'UNAUTHENTICATED',
    createRequest: (n) => ({
      ...createGraphQLRequest(SMALL_QUERY),
      headers: {
        authorization: `Bearer ${Buffer.from('{"alg":"EdDSA"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: `u${String(n)}`, openings: 'o'.repeat(5_000) })).toString('base64url')}.${'A'.repeat(86)}`,
      },
    }),
  },
  {
    name: 'a forged X-Forwarded-For each time',
    role: 'anonymous',
    answer: '200',
    createRequest: (n) => ({
      ...createGraphQLRequest('{ services { name } }'),
      headers: { 'x-forwarded-for': `203.0.113.${String(n % 256)}, 198.51.100.${String(n % 250)}` },
    }),
  },
  {
    name: 'cookies of 8 KiB',
    role: 'anonymous',
    answer: 'UNAUTHENTICATED',
    createRequest: (n) => ({
      ...createGraphQLRequest(SMALL_QUERY),
      headers: {
        cookie: `session=${'x'.repeat(8_000)}${String(n)}; ${repeat(200, (i) => `c${String(i)}=1;`)}`,
      },
    }),
  },
  {
    name: 'a request for a sign-in link without the secret',
    role: 'anonymous',
    answer: 'UNAUTHENTICATED',
    createRequest: () => ({ path: '/sign-in-links', body: '{}' }),
  },
  {
    name: 'a signature of the far future',
    role: 'anonymous',
    answer: 'REPLAYED',
    createRequest: (n) => ({
      ...createGraphQLRequest(RECORD_READINGS, { input: { readings: [] } }),
      headers: {
        'x-abc-device': `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        'x-abc-signature': `t=99999999999,v1=${'a'.repeat(64)}`,
      },
    }),
  },
  {
    name: 'a page of more than an Int',
    role: 'customer',
    answer: 'BAD_USER_INPUT',
    createRequest: (n) =>
      createGraphQLRequest('query ($n: Int) { viewer { rules(first: $n) { nodes { id } } } }', {
        n: n % 2 === 0 ? 'x' : 2_147_483_648,
      }),
  },
  {
    name: 'pages of the audit trail',
    role: 'operator',
    answer: '200',
    createRequest: () =>
      createGraphQLRequest(
        '{ auditLog(first: 200) { nodes { action outcome before after } pageInfo { hasNextPage } } }',
      ),
  },
  {
    name: 'requests in a pipeline',
    role: 'anonymous',
    answer: 'opened',
    createOpening: () => '',
    createRepeated: () => HEALTH_REQUEST.repeat(200),
  },
  {
    name: 'operations in a pipeline',
    role: 'customer',
    answer: 'opened',
    createOpening: () => '',
    createRepeated: (host, token) => {
      const body = JSON.stringify({ query: SMALL_QUERY });
      const headers = `${createAuthorization(token)}content-length: ${String(body.length)}\r\n`;
      return createPost(host, headers, body).repeat(100);
    },
  },
  {
    name: 'headers without an end',
    role: 'anonymous',
    answer: 'opened',
    connections: 500,
    createOpening: (host) => `POST /graphql HTTP/1.1\r\nhost: ${host}\r\nx-a: `,
  },
  {
    name: 'a body in chunks of 1 byte',
    role: 'customer',
    answer: 'BAD_REQUEST',
    createOpening: (host, token) =>
      createPost(host, `${createAuthorization(token)}transfer-encoding: chunked\r\n`, '1\r\n{\r\n'),
    createRepeated: () => '1\r\n \r\n'.repeat(10_000),
  },
  {
    name: 'a request with two lengths',
    role: 'customer',
    answer: '400',
    createOpening: (host, token) =>
      createPost(
        host,
        `${createAuthorization(token)}content-length: 5\r\ntransfer-encoding: chunked\r\n`,
        '0\r\n\r\nGET /status.json HTTP/1.1\r\n\r\n',
      ),
  },
  {
    name: 'pings on a WebSocket',
    role: 'customer',
    answer: '101',
    createOpening: (host, token) => Buffer.concat([createHandshake(host), createAcceptedSocket(token)]),
    repeatAfter: 'connection_ack',
    createRepeated: () => repeatBytes(createFrame(FRAME_KINDS.ping, Buffer.alloc(0)), 2_000),
  },
  {
    name: 'ping messages on a WebSocket',
    role: 'customer',
    answer: '101',
    createOpening: (host, token) => Buffer.concat([createHandshake(host), createAcceptedSocket(token)]),
    repeatAfter: 'connection_ack',
    createRepeated: () => repeatBytes(createFrame(FRAME_KINDS.text, Buffer.from('{"type":"ping"}')), 1_000),
  },
  {
    name: 'refused operations on a WebSocket',
    role: 'customer',
    answer: '101',
    createOpening: (host, token) => Buffer.concat([createHandshake(host), createAcceptedSocket(token)]),
    repeatAfter: 'connection_ack',
    createRepeated: () =>
      repeatBytes(
        createFrame(
          FRAME_KINDS.text,
          Buffer.from('{"id":"a","type":"subscribe","payload":{"query":"{ x }"}}'),
        ),
        500,
      ),
  },
  {
    name: 'a message of many fragments before the client is accepted',
    role: 'anonymous',
    answer: '101',
    createOpening: (host) =>
      Buffer.concat([createHandshake(host), createFrame(FRAME_KINDS.text, Buffer.from('{'), false)]),
    repeatAfter: '101',
    createRepeated: () => repeatBytes(createFrame(FRAME_KINDS.continuation, Buffer.from(' '), false), 5_000),
  },
  {
    name: 'JSON messages nested 5,000 deep',
    role: 'customer',
    answer: 'OPERATION_TOO_COMPLEX',
    createMessages: (_n, token) => [
      createConnectionInit(token),
      `{"id":"a","type":"subscribe","payload":{"query":"${SMALL_QUERY}","variables":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}}`,
    ],
  },
  {
    name: 'subscriptions that start and end',
    role: 'customer',
    answer: 'opened',
    createMessages: (_n, token) => [
      createConnectionInit(token),
      ...Array.from({ length: 500 }, (_, index) => [
        {
          id: String(index),
          type: 'subscribe',
          payload: { query: 'subscription { ruleChanged { kind } }' },
        },
        { id: String(index), type: 'complete' },
      ]).flat(),
    ],
  },
  {
    name: 'sockets that send nothing',
    role: 'anonymous',
    answer: 'opened',
    createMessages: () => [],
  },
  {
    name: 'operation ids of 1 MB',
    role: 'customer',
    answer: '4400',
    createMessages: (_n, token) => [
      createConnectionInit(token),
      {
        id: 'x'.repeat(1_000_000),
        type: 'subscribe',
        payload: { query: 'subscription { heartbeat { status } }' },
      },
    ],
  },
  {
    name: 'a small query over 200 connections',
    role: 'customer',
    answer: '200',
    connections: 200,
    createRequest: () => createGraphQLRequest('{ viewer { id } }'),
  },
  {
    name: 'a small new document each time, over 200 connections',
    role: 'customer',
    answer: '200',
    connections: 200,
    createRequest: (n) =>
      createGraphQLRequest(`{ b${String(n)}: viewer { id rules(first: 1) { nodes { id name } } } }`),
  },
  {
    name: 'refused requests over 500 connections',
    role: 'anonymous',
    answer: 'UNAUTHENTICATED',
    connections: 500,
    createRequest: () => createGraphQLRequest(SMALL_QUERY),
  },
  {
    name: 'a page of 200 rules over 50 connections',
    needsRules: true,
    role: 'customer',
    answer: '200',
    connections: 50,
    createRequest: () =>
      createGraphQLRequest(
        '{ viewer { rules(first: 200) { nodes { id name opening opensAt closesAt timeZone maxOpenSeconds version } } } }',
      ),
  },
  {
    name: 'a body in chunks of 1 byte over 50 connections',
    role: 'anonymous',
    answer: 'opened',
    connections: 50,
    createOpening: (host) => createPost(host, 'transfer-encoding: chunked\r\n', '1\r\n{\r\n'),
    createRepeated: () => '1\r\n \r\n'.repeat(10_000),
  },
  {
    name: 'a body that trickles byte by byte over 50 connections',
    role: 'anonymous',
    answer: 'opened',
    connections: 50,
    createOpening: (host) => createPost(host, 'content-length: 60000\r\n', '{'),
    createRepeated: () => ' ',
  },
  {
    name: 'small chunks in a compressed body',
    role: 'customer',
    answer: 'opened',
    createOpening: (host, token) =>
      createPost(
        host,
        `${createAuthorization(token)}content-encoding: gzip\r\ntransfer-encoding: chunked\r\n`,
        '',
      ),
    createRepeated: () => Buffer.from('1\r\n\x1f\r\n'.repeat(10_000), 'latin1'),
  },
  {
    name: 'a compressed body of 20,000 members',
    role: 'customer',
    answer: 'BAD_REQUEST',
    createRequest: () => ({
      headers: { 'content-encoding': 'gzip' },
      body: (gzipMembers ??= repeatBytes(gzipSync(' '), 20_000)),
    }),
  },
  {
    name: 'a header of 1,900 lines',
    role: 'anonymous',
    answer: '400',
    createRequest: () => ({
      ...createGraphQLRequest(SMALL_QUERY),
      headers: Object.fromEntries(Array.from({ length: 1_900 }, (_, i) => [`x${i.toString(36)}`, '1'])),
    }),
  },
  {
    name: 'a query string of 15 kB',
    role: 'customer',
    answer: '200',
    createRequest: (n) => ({
      method: 'GET',
      path: `/graphql?query=${encodeURIComponent(SMALL_QUERY)}&variables=${encodeURIComponent(JSON.stringify({ n: Array.from({ length: 1_500 }, () => n) })).slice(0, 14_000)}`,
      headers: { 'apollo-require-preflight': '1' },
    }),
  },
  {
    name: 'a wrong signature of a large body, another device each time',
    role: 'anonymous',
    answer: 'TAMPERED',
    createRequest: (n) => ({
      ...createGraphQLRequest(RECORD_READINGS, { input: { readings: [] }, padding: 'x'.repeat(60_000) }),
      headers: {
        'x-abc-device': `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        'x-abc-signature': `t=${String(Math.floor(Date.now() / 1_000))},v1=${'a'.repeat(64)}`,
      },
    }),
  },
  {
    name: 'event streams over 200 connections',
    role: 'customer',
    answer: '200',
    connections: 200,
    createOpening: (host, token) => {
      const body = JSON.stringify({ query: 'subscription { heartbeat { name status reason } }' });
      const headers = `${createAuthorization(token)}accept: text/event-stream\r\ncontent-length: ${String(body.length)}\r\n`;
      return createPost(host, headers, body);
    },
  },
  {
    name: 'a forged token on each socket',
    role: 'anonymous',
    answer: '4403',
    createMessages: (n) => [
      createConnectionInit(
        `${Buffer.from('{"alg":"EdDSA"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: `u${String(n)}` })).toString('base64url')}.${'A'.repeat(86)}`,
      ),
    ],
  },
  {
    name: 'a message of many fragments',
    role: 'customer',
    answer: '101',
    createOpening: (host, token) => Buffer.concat([createHandshake(host), createAcceptedSocket(token)]),
    repeatAfter: 'connection_ack',
    createRepeated: () => repeatBytes(createFrame(FRAME_KINDS.continuation, Buffer.from(' '), false), 5_000),
  },
  {
    name: '200 queries on each socket',
    role: 'customer',
    answer: 'opened',
    createMessages: (_n, token) => [
      createConnectionInit(token),
      ...Array.from({ length: 200 }, (_, index) => ({
        id: `q${String(index)}`,
        type: 'subscribe',
        payload: { query: SMALL_QUERY },
      })),
    ],
  },
  {
    name: '200 subscriptions on each socket',
    role: 'customer',
    answer: 'TOO_MANY_OPERATIONS',
    createMessages: (_n, token) => [
      createConnectionInit(token),
      ...Array.from({ length: 200 }, (_, index) => ({
        id: `s${String(index)}`,
        type: 'subscribe',
        payload: { query: 'subscription { ruleChanged { kind rule { id name } } }' },
      })),
    ],
  },
  {
    name: '200 refused subscriptions on each socket',
    role: 'customer',
    answer: 'FORBIDDEN',
    createMessages: (_n, token) => [
      createConnectionInit(token),
      ...Array.from({ length: 200 }, (_, index) => ({
        id: `s${String(index)}`,
        type: 'subscribe',
        payload: { query: 'subscription { ruleChanged(userId: "somebody else") { kind } }' },
      })),
    ],
  },
];

/** @param {string | undefined} token */
const createConnectionInit = (token) => ({
  type: 'connection_init',
  payload: token === undefined ? {} : { authorization: `Bearer ${token}` },
});

/** The id of the attacker: a new one for most attacks, so that it is not yet limited. @param {number} index of the attack */
export function getAttackerId(index) {
  const attack = ATTACKS[index];
  return attack && 'needsRules' in attack ? ATTACKER_ID : `${ATTACKER_ID}-${String(index)}`;
}
