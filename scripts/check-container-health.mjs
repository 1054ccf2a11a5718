// HEALTHCHECK of the container image: succeeds if the service of this container is ready. A container runs one service, so
// one of the four ports answers.
const PORTS = ['GATEWAY_PORT', 'MONITORING_PORT', 'REPORTS_PORT', 'HEARTBEAT_PORT'].map((name, index) => {
  const port = process.env[name] ?? '';
  // An empty setting counts as not set.
  return port === '' ? 4000 + index : port;
});
const TIMEOUT_MS = 4_000;

const answers = PORTS.map(async (port) => {
  const { ok, status } = await fetch(`http://127.0.0.1:${port}/ready`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!ok) throw new Error(`port ${port} answers with status ${status}`);
});
try {
  await Promise.any(answers);
} catch (error) {
  const { errors } = /** @type {AggregateError} */ (error);
  console.error(`The service is not ready: ${errors.map(String).join('; ')}`);
  process.exitCode = 1;
}
