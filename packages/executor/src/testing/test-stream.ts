import { waitUntil } from './wait-until.js';

/** A response that is read while it comes. */
export interface TestStream {
  readonly response: Response;
  readonly text: string;
  /** Resolves when this stands in the text. */
  waitForText(part: string): Promise<void>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  abort(): void;
}

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
