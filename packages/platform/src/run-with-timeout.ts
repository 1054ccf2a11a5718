/**
 * Runs work that ends when its signal is aborted: by `parent`, or after `timeoutMs`.
 *
 * It takes the place of `AbortSignal.any([parent, AbortSignal.timeout(timeoutMs)])`. On Node.js 20, that timeout is lost when
 * garbage is collected, so that a request to a server that hangs never ends.
 * @throws the error of the work; `fetch` rejects with a TimeoutError after the timeout
 */
export async function runWithTimeout<Result>(
  timeoutMs: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abort = () => controller.abort(parent.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')),
    timeoutMs,
  );
  parent.addEventListener('abort', abort);
  if (parent.aborted) abort();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', abort);
  }
}
