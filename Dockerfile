# The relay as an image. docs/production.md tells how to build and run it.
#
#   docker build --tag seam-relay:0.1.0 --build-arg VERSION=0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" \
#     --build-arg CREATED="$(date -u +%Y-%m-%dT%H:%M:%SZ)" .

# By digest for builds that can be repeated: node:24-slim@sha256:…
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY scripts/build.ts scripts/
COPY src src
RUN npm run build
# The last stage has nothing to make a folder with; it copies this one.
RUN mkdir data

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The optional ones bring a Node along for machines without; this one has it.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

# Nothing is run from here on: no shell is needed to make this stage, and none to start it.
FROM ${NODE_IMAGE}
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY openapi/seam openapi/seam
COPY bin bin
COPY package.json LICENSE connections.yaml ./
COPY --from=build /app/dist dist
# The one folder that is written to. It belongs to `node` of the base image, by number: so that "not root" can be checked.
COPY --from=build --chown=1000:1000 /app/data data
USER 1000:1000
VOLUME ["/app/data"]

ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
EXPOSE 3000

# What is on its way is brought to its end: RELAY_DRAIN_DELAY_MS, RELAY_SHUTDOWN_TIMEOUT_MS.
STOPSIGNAL SIGTERM
# Whether the process turns, and not whether the store answers: a new container mends the one and not the other.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "bin/seam-relay.js", "health"]
# MiB for what is young in memory, so that it stays in the processor's caches, and that all begins there: docs/benchmarks.md.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--no-allocation-site-pretenuring", "bin/seam-relay.js"]
CMD ["start"]

# What differs in every build comes last, where it spoils no layer.
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Seam Relay" \
      org.opencontainers.image.description="Self-hosted webhook relay: booking platforms in, Seam customer data out, in order and without loss" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
