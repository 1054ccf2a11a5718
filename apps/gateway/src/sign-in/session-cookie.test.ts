import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { AMBIGUOUS_SESSION } from '../requests/authentication.js';
import { createSessionCookie } from './session-cookie.js';

const TOKEN = 'eyJh.eyJz.c2ln';
const HOST = '127.0.0.1:4000';
const ORIGIN = `http://${HOST}`;
const COOKIE = `theme=dark; abc-session-4000=${TOKEN}; abc-session-4001=other`;
const cookie = createSessionCookie({}, 4000);

/** The header `Authorization` of a request after the cookie is applied. */
function apply(headers: IncomingHttpHeaders, method = 'POST', session = cookie): string | undefined {
  const request = { headers: { host: HOST, cookie: COOKIE, ...headers }, method };
  session.applyTo(request);
  return request.headers.authorization;
}

test('a request of a page of the gateway gets the token of the cookie', () => {
  expect(apply({ origin: ORIGIN })).toBe(`Bearer ${TOKEN}`);
  expect(apply({ origin: ORIGIN, upgrade: 'websocket' }, 'GET')).toBe(`Bearer ${TOKEN}`);
});

test('a GET request without Origin needs Sec-Fetch-Site: same-origin', () => {
  expect(apply({ 'sec-fetch-site': 'same-origin' }, 'GET')).toBe(`Bearer ${TOKEN}`);
});

test.each<[string, IncomingHttpHeaders, string]>([
  ['a page of another port', { origin: 'http://127.0.0.1:5173' }, 'POST'],
  ['a page of another name of this host', { origin: 'http://localhost:4000' }, 'POST'],
  ['a page of another scheme', { origin: 'https://127.0.0.1:4000' }, 'POST'],
  ['a page of another host', { origin: 'https://attacker.example' }, 'POST'],
  ['a sandboxed page', { origin: 'null' }, 'POST'],
  ['a POST request without Origin', { 'sec-fetch-site': 'same-origin' }, 'POST'],
  ['a GET request without Origin', {}, 'GET'],
  ['a GET request of another port', { 'sec-fetch-site': 'same-site' }, 'GET'],
  ['an address that a person typed', { 'sec-fetch-site': 'none' }, 'GET'],
  [
    'a foreign Origin with a false Sec-Fetch-Site',
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
    'GET',
  ],
  ['a WebSocket without Origin', { upgrade: 'websocket', 'sec-fetch-site': 'same-origin' }, 'GET'],
  ['a WebSocket of another port', { upgrade: 'websocket', origin: 'http://127.0.0.1:5173' }, 'GET'],
])('%s does not use the cookie', (_, headers, method) => {
  expect(apply(headers, method)).toBeUndefined();
});

test('a token of the request wins over the cookie', () => {
  expect(apply({ origin: ORIGIN, authorization: 'Bearer other' })).toBe('Bearer other');
  expect(apply({ origin: ORIGIN, authorization: '' })).toBe('');
});

test.each([
  ['before the real one', `abc-session-4000=other; abc-session-4000=${TOKEN}`],
  ['after the real one', `abc-session-4000=${TOKEN};abc-session-4000=`],
  ['with the same value', `abc-session-4000=${TOKEN}; theme=dark; abc-session-4000=${TOKEN}`],
])('a second cookie of the name, %s, makes the request invalid', (_, header) => {
  expect(apply({ origin: ORIGIN, cookie: header })).toBe(AMBIGUOUS_SESSION);
  expect(apply({ cookie: header, 'sec-fetch-site': 'same-origin' }, 'GET')).toBe(AMBIGUOUS_SESSION);
  // Pages that may not use the cookie send a token.
  expect(apply({ origin: 'http://127.0.0.1:5173', cookie: header })).toBeUndefined();
  expect(apply({ origin: ORIGIN, cookie: header, authorization: 'Bearer other' })).toBe('Bearer other');
});

test('the cookie of a gateway on another port is not used', () => {
  expect(apply({ origin: ORIGIN, cookie: 'abc-session-4001=other; xabc-session-4000=x' })).toBeUndefined();
});

test('scripts cannot read the cookie, and other sites do not send it', () => {
  expect(cookie.create(TOKEN, 3_600_000)).toBe(
    `abc-session-4000=${TOKEN}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict`,
  );
  expect(cookie.clear()).toBe('abc-session-4000=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict');
});

describe('behind a proxy with TLS', () => {
  const secure = createSessionCookie({ PUBLIC_ORIGIN: 'https://doors.example.com' }, 4000);
  const headers = { cookie: `__Host-abc-session=${TOKEN}` };

  test('the cookie is for https only', () => {
    expect(secure.create(TOKEN, 1_000)).toBe(
      `__Host-abc-session=${TOKEN}; Max-Age=1; Path=/; HttpOnly; SameSite=Strict; Secure`,
    );
  });

  test('a cookie without the prefix, which a sibling host can set, is not used', () => {
    const origin = 'https://doors.example.com';
    const tossed = `abc-session-4000=other; abc-session=other; __Secure-abc-session=other`;
    expect(apply({ origin, cookie: tossed }, 'POST', secure)).toBeUndefined();
    expect(apply({ origin, cookie: `${tossed}; ${headers.cookie}` }, 'POST', secure)).toBe(`Bearer ${TOKEN}`);
  });

  test('only the public origin uses it, whatever Host the proxy sends', () => {
    const use = (origin: string, host: string) => apply({ ...headers, origin, host }, 'POST', secure);
    expect(use('https://doors.example.com', 'doors.example.com')).toBe(`Bearer ${TOKEN}`);
    expect(use('https://doors.example.com', HOST)).toBe(`Bearer ${TOKEN}`);
    expect(use('http://doors.example.com', 'doors.example.com')).toBeUndefined();
    expect(use(ORIGIN, HOST)).toBeUndefined();
  });
});
