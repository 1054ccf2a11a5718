# One image for the four services. The command is the service's name: gateway, monitoring, reports or heartbeat.

# The console for browsers. Its packages are needed to build it only.
FROM node:22-bookworm-slim AS console
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps/console/package.json apps/console/
RUN npm ci --omit=dev --ignore-scripts --workspace=apps/console
COPY apps/console apps/console
RUN npm run build --workspace=apps/console

FROM node:22-bookworm-slim AS build
# better-sqlite3 is compiled if it has no prebuilt binary for this platform.
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/contracts/package.json packages/contracts/
COPY packages/evaluation/package.json packages/evaluation/
COPY packages/executor/package.json packages/executor/
COPY packages/platform/package.json packages/platform/
COPY apps/cli/package.json apps/cli/
COPY apps/gateway/package.json apps/gateway/
COPY apps/heartbeat/package.json apps/heartbeat/
COPY apps/monitoring/package.json apps/monitoring/
COPY apps/reports/package.json apps/reports/
# The image has the headers of its Node, so that a compilation does not download them.
ENV npm_config_nodedir=/usr/local
# The build needs no development packages.
RUN npm ci --omit=dev
COPY scripts scripts
COPY packages packages
COPY apps/cli apps/cli
COPY apps/gateway apps/gateway
COPY apps/heartbeat apps/heartbeat
COPY apps/monitoring apps/monitoring
COPY apps/reports apps/reports
RUN npm run build --workspaces
COPY .env.example supergraph.graphql ./
# In containers, each subgraph has its own host, which has the name of the subgraph.
RUN sed -E 's#name: "([a-z]+)", url: "http://127\.0\.0\.1:#name: "\1", url: "http://\1:#' supergraph.graphql > supergraph.containers.graphql
# Sources are not needed at run time.
RUN rm -rf packages/*/src packages/*/tests apps/*/src

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app ./
COPY --from=console /app/apps/console/dist apps/console/dist
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 4000 4001 4002 4003
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "scripts/check-container-health.mjs"]
ENTRYPOINT ["node", "--enable-source-maps", "scripts/run-service.mjs"]
CMD ["gateway"]
