# Image of one subgraph:
#   docker build --file images/subgraph.Dockerfile --build-arg SUBGRAPH=auth --tag orion-auth:0.1.0 .
# The stages before the last do not know which subgraph it is for, so that all images of a build share them.

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

FROM node:20.20.2-bookworm-slim AS modules
ARG SUBGRAPH
WORKDIR /app
COPY --from=manifests /app/manifests ./
RUN npm ci --ignore-scripts --omit=dev --workspace platform --workspace subgraphs/${SUBGRAPH}

FROM node:20.20.2-bookworm-slim
ARG SUBGRAPH
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY --from=modules /app ./
COPY --from=build /app/platform/dist platform/dist
COPY --from=build /app/subgraphs/${SUBGRAPH}/dist subgraphs/${SUBGRAPH}/dist
# The one-shot that makes databases and roles (service `provision` of docker-compose.yml).
COPY --from=build /app/tools/dist/problem tools/dist/problem
COPY --from=build /app/tools/dist/platform/databases.js tools/dist/platform/
COPY --from=build /app/tools/dist/images/provision-databases.js tools/dist/images/
WORKDIR /app/subgraphs/${SUBGRAPH}
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
