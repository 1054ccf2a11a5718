import type { Framing } from './framing.js';

const BOUNDARY = 'graphql';

/** The delimiter after a part is sent with it: clients give a part to the page when they see the next delimiter. */
const part = (json: string): string =>
  `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}\r\n--${BOUNDARY}`;

/** Apollo's multipart protocol for subscriptions over HTTP. */
export const multipart: Framing = {
  contentType: `multipart/mixed;boundary="${BOUNDARY}";subscriptionSpec=1.0`,
  opening: `\r\n--${BOUNDARY}`,
  signOfLife: part('{}'),
  next: (json) => part(`{"payload":${json}}`),
  end: ({ errors }) => (errors ? part(JSON.stringify({ payload: null, errors })) : '') + '--\r\n',
};
