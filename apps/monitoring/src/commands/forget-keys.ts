import type { Logger } from '@seguridad-abc/platform';

/** How long idempotency keys are kept. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000; // 7 days
const EVERY_MS = 60 * 60 * 1_000; // 1 hour

/** Forgets old idempotency keys now and from time to time. @returns what ends it */
export async function forgetKeysRegularly(
  store: { forgetKeys(before: string): Promise<void> },
  now: () => string,
  logger: Logger,
): Promise<() => void> {
  const forget = () => store.forgetKeys(new Date(Date.parse(now()) - KEPT_MS).toISOString());
  await forget();
  const timer = setInterval(() => {
    forget().catch((error: unknown) =>
      logger.error({ err: error }, 'old idempotency keys could not be forgotten'),
    );
  }, EVERY_MS);
  return () => clearInterval(timer);
}
