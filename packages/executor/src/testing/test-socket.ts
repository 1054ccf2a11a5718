import { once } from 'node:events';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { waitUntil } from './wait-until.js';

type Message = Readonly<Record<string, unknown>>;

/** A client that says what it likes. */
export interface TestSocket {
  readonly socket: WebSocket;
  /** All messages so far. */
  readonly messages: readonly Message[];
  send(message: object | string): void;
  subscribe(id: string, query: string): void;
  /** Resolves when a message that matches has come. */
  waitForMessage(message: Message): Promise<void>;
  /** Resolves when the server has closed it with this code. */
  waitForClose(code: number): Promise<void>;
}

/** @throws Error where it is refused, with the HTTP status */
export async function openTestSocket(url: string, protocol = 'graphql-transport-ws'): Promise<TestSocket> {
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
    messages: heard,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    subscribe: (id, query) => socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } })),
    waitForMessage: (message) => waitUntil(() => matches(message)),
    async waitForClose(code) {
      await waitUntil(() => closedWith !== undefined);
      expect(closedWith).toBe(code);
    },
  };
}
