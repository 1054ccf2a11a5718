import { once } from 'node:events';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { waitUntil } from './wait-until.js';

/** An HTTP response whose body is read while it arrives. */
export interface TestStream {
  readonly response: Response;
  /** The part of the body that has arrived. */
  readonly text: string;
  /** Resolves when the body contains a text. */
  waitForText(text: string): Promise<void>;
  /** Resolves when the server has ended the response. */
  readonly ended: Promise<void>;
  abort(): void;
}

/** Sends a POST request and resolves when the response headers have arrived. */
export async function openTestStream(url: string, accept: string, body: object): Promise<TestStream> {
  const controller = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
    signal: controller.signal,
  });
  const decoder = new TextDecoder();
  let text = '';
  const read = async () => {
    for await (const chunk of response.body ?? [])
      text += decoder.decode(chunk as Uint8Array, { stream: true });
  };
  const ended = read();
  ended.catch(() => undefined);
  return {
    response,
    get text() {
      return text;
    },
    waitForText: (part) => waitUntil(() => text.includes(part)),
    ended,
    abort: () => controller.abort(),
  };
}

type SocketMessage = Readonly<Record<string, unknown>>;

/** A WebSocket client that can also send invalid messages. */
export interface TestSocket {
  readonly socket: WebSocket;
  /** All received messages. */
  readonly messages: readonly SocketMessage[];
  readonly send: (message: object | string) => void;
  readonly subscribe: (id: string, query: string) => void;
  /** Resolves when a message has arrived that matches. */
  readonly waitForMessage: (expected: SocketMessage) => Promise<void>;
  /** Resolves when the server has closed the connection with a code. */
  /** @param reason any if undefined */
  readonly waitForClose: (code: number, reason?: string) => Promise<void>;
}

/** @throws Error with the HTTP status if the server rejects the connection */
export async function openTestSocket(url: string, protocol = 'graphql-transport-ws'): Promise<TestSocket> {
  const socket = new WebSocket(url, protocol === '' ? [] : protocol);
  const messages: SocketMessage[] = [];
  let closeCode: number | undefined;
  let closeReason = '';
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString()) as SocketMessage));
  socket.on('close', (code, reason) => {
    closeCode = code;
    closeReason = reason.toString();
  });
  await once(socket, 'open');
  socket.on('error', () => undefined);
  const hasMessage = (expected: SocketMessage) =>
    messages.some((message) => {
      try {
        expect(message).toMatchObject(expected);
        return true;
      } catch {
        return false;
      }
    });
  return {
    socket,
    messages,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    subscribe: (id, query) => socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } })),
    waitForMessage: (expected) => waitUntil(() => hasMessage(expected)),
    async waitForClose(code, reason) {
      await waitUntil(() => closeCode !== undefined);
      expect(closeCode).toBe(code);
      if (reason !== undefined) expect(closeReason).toBe(reason);
    },
  };
}
