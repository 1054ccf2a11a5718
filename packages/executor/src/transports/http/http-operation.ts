import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLightAbortController, type AbortSignalLike } from '../../shared/light-abort-signal.js';
import { HeldSlot, type SlotPool } from '../shared/client-slots.js';

/** The operation of one HTTP request: it holds a slot until its response is sent, and is aborted if the client disconnects. */
export class HttpOperation<Session> {
  private readonly abortController = createLightAbortController();
  private readonly slot: HeldSlot<Session>;

  /** @throws an error for the client if it has no free slot */
  constructor(
    private readonly response: ServerResponse,
    pool: SlotPool<Session> | undefined,
    session: Session,
  ) {
    this.slot = new HeldSlot(pool, session);
    response.on('close', () => {
      this.slot.release();
      if (!response.writableFinished) this.abortController.abort();
    });
  }

  /** Aborted when the client disconnects before its response is complete. */
  get signal(): AbortSignalLike {
    return this.abortController.signal;
  }

  /** Frees the slot although the response goes on: the subscription that it carries has its own slot. */
  endBeforeResponse(): void {
    this.slot.release();
  }

  /**
   * Frees the slot of an operation that is done while its response waits behind another one of its connection (pipelining).
   * Such a response emits no `close` if the connection is lost.
   */
  endIfQueued(): void {
    if (!this.response.socket) this.slot.release();
  }
}

/** Calls back once, when the response is complete or the client has disconnected. */
export function onceClosed(
  { socket }: IncomingMessage,
  response: ServerResponse,
  callback: () => void,
): void {
  const close = () => {
    socket.off('close', close);
    response.off('close', close);
    callback();
  };
  response.on('close', close);
  // A response that waits behind another one of its connection emits no `close` if the connection is lost.
  if (!response.socket) socket.on('close', close);
}

/** Whether nothing that is written can reach the client. */
export const isDisconnected = ({ socket }: IncomingMessage, response: ServerResponse): boolean =>
  response.destroyed || socket.destroyed;

/** Resolves when the client has read enough for more to be written, or has disconnected. */
export async function untilWritable(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!response.writableNeedDrain || isDisconnected(request, response)) return;
  const { socket } = request;
  await new Promise<void>((resolve) => {
    const end = () => {
      response.off('drain', end);
      response.off('close', end);
      socket.off('close', end);
      resolve();
    };
    response.on('drain', end);
    response.on('close', end);
    // A response that waits behind another one of its connection emits no `close` if the connection is lost.
    socket.on('close', end);
  });
}
