// Serves the shop's supergraph with the built gateway, for conformance tests:
//   npm run build && node tests/federation/serve.mjs [PORT]
// REDIS_URL names the Redis server. `/active` responds with the number of open subscriptions and sources.
import { createServer } from 'node:http';
import { createGatewayService, readGatewayConfig } from '@seguridad-abc/gateway';
import { createLogger, createRedisPubSubClient } from '@seguridad-abc/platform';
import { startShop } from './shop-subgraphs.mjs';
import { createShopSources } from './shop-sources.mjs';

process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
const port = Number(process.argv[2] ?? 4100);
const config = readGatewayConfig({ AUTH: 'off', ...process.env, GATEWAY_PORT: String(port) });
const pubsub = createRedisPubSubClient(config, createLogger('shop', 'silent'));
const shop = await startShop();
const sources = createShopSources(pubsub, 'test:orders');
const gateway = createGatewayService(config, { supergraphSdl: shop.supergraphSdl, sources: sources.sources });
await gateway.start();
const active = createServer((_request, response) => {
  void countSubscriptions().then((count) => response.end(String(sources.runningSources + count)));
});
active.listen(port + 1, '127.0.0.1');

console.log(
  `http://127.0.0.1:${port}/graphql   ws://127.0.0.1:${port}/graphql   http://127.0.0.1:${port + 1}/active`,
);
console.log('subscription { ticked }   subscription { countdown(from: 3) }   subscription { idle }');

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

/** Equal subscriptions share a source, so subscriptions are counted too. */
async function countSubscriptions() {
  const ready = await fetch(`http://127.0.0.1:${port}/ready`);
  const { checks } = /** @type {{ checks?: { subscriptions: number } }} */ (await ready.json());
  return checks?.subscriptions ?? 0;
}

async function stop() {
  active.close();
  await gateway.stop();
  await shop.close();
  pubsub.close();
}
