import { once } from 'node:events';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { until } from './until.js';

type Message = Readonly<Record<string, unknown>>;

/** A client that says what it likes. */
export interface TestSocket {
  readonly socket: WebSocket;
  /** All messages so far. */
  readonly heard: readonly Message[];
  send(message: object | string): void;
  subscribe(id: string, query: string): void;
  /** Resolves when a message that matches has come. */
  hears(message: Message): Promise<void>;
  /** Resolves when the server has closed it with this code. */
  closes(code: number): Promise<void>;
}

/** @throws Error where it is refused, with the HTTP status */
export async function openSocket(url: string, protocol = 'graphql-transport-ws'): Promise<TestSocket> {
  const socket = new WebSocket(url, protocol === '' ? [] : protocol);
  const heard: Message[] = [];
  let closedWith: number | undefined;
  socket.on('message', (data) => heard.push(JSON.parse((data as Buffer).toString()) as Message));
  socket.on('close', (code) => (closedWith = code));
  await once(socket, 'open');
  socket.on('error', () => undefined);
  const matches = (expected: Message) =>
    heard.some((message) => {
      try {
        expect(message).toMatchObject(expected);
        return true;
      } catch {
        return false;
      }
    });
  return {
    socket,
    heard,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    subscribe: (id, query) => socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } })),
    hears: (message) => until(() => matches(message)),
    async closes(code) {
      await until(() => closedWith !== undefined);
      expect(closedWith).toBe(code);
    },
  };
}
