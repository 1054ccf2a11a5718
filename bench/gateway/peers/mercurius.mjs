// @mercuriusjs/gateway with JIT. It reads the SDL from the subgraphs.
import mercuriusGateway from '@mercuriusjs/gateway';
import Fastify from 'fastify';

const app = Fastify();
app.register(mercuriusGateway, {
  jit: 1,
  path: '/graphql',
  gateway: {
    services: JSON.parse(process.env.SUBGRAPHS).map(({ name, url }) => ({
      name,
      url,
      mandatory: true,
      keepAlive: 60_000,
      rewriteHeaders: ({ authorization }) => (authorization ? { authorization } : {}),
    })),
  },
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
