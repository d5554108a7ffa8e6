# Image of the gateway with ORION's own supergraph:
#   docker build --file images/gateway.Dockerfile --tag orion-gateway:0.1.0 .
# Another graph: mount its SDL and set SUPERGRAPH to it.

# The manifests alone: their layer stays the same while only sources change, and with it the installed modules.
FROM node:20.20.2-bookworm-slim AS manifests
WORKDIR /app
COPY . .
RUN mkdir manifests && cp --parents package.json package-lock.json .npmrc */package.json subgraphs/*/package.json manifests

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY --from=manifests /app/manifests ./
RUN npm ci --ignore-scripts
COPY . .
RUN npx tsc -b platform gateway subgraphs/* tools
RUN find */dist subgraphs/*/dist -name '*.test.*' -delete
RUN npx vite build explorer

FROM node:20.20.2-bookworm-slim AS modules
WORKDIR /app
COPY --from=manifests /app/manifests ./
RUN npm ci --ignore-scripts --omit=dev --workspace platform --workspace gateway

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 SUPERGRAPH=/app/schema/supergraph.graphql PAGES_DIR=/app/pages
WORKDIR /app
COPY --from=modules /app ./
COPY --from=build /app/platform/dist platform/dist
COPY --from=build /app/gateway/dist gateway/dist
COPY schema/supergraph.graphql schema/
COPY subgraphs/auth/pages pages
# Served when GRAPHIQL_DIR=/app/graphiql says so: production has no introspection, without which it is of little use.
COPY --from=build /app/explorer/dist/page graphiql
WORKDIR /app/gateway
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# A larger young generation: a third less CPU for large answers, some 70 MB more memory (bench/RESULTS.md).
CMD ["node", "--max-semi-space-size=64", "dist/main.js"]
