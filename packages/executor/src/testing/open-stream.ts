import { until } from './until.js';

/** A response that is read while it comes. */
export interface OpenStream {
  readonly response: Response;
  readonly text: string;
  /** Resolves when this stands in the text. */
  says(part: string): Promise<void>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  leave(): void;
}

export async function openStream(url: string, accept: string, body: object): Promise<OpenStream> {
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
    says: (part) => until(() => text.includes(part)),
    ended,
    leave: () => controller.abort(),
  };
}
