# Builds the page, then leaves everything behind that only building needs.
FROM node:24-slim AS build
WORKDIR /lockstep
COPY . .
RUN npm ci --loglevel=error && npm run build

FROM node:24-slim
WORKDIR /lockstep
ENV NODE_ENV=production

COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY packages/checks/package.json packages/checks/
# Optional packages are build tools and the Node that this image has already.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --loglevel=error \
      --workspace lockstep --workspace @lockstep/checks \
  && npm cache clean --force

COPY LICENSE schema.graphql ./
COPY apps/api/bin apps/api/bin
COPY apps/api/src apps/api/src
COPY packages/checks/src packages/checks/src
COPY --from=build /lockstep/apps/web/build apps/web/build

# A container's own 127.0.0.1 cannot be reached from outside it. On any other address Lockstep does not start without
# `http.auth` in the configuration.
ENV LOCKSTEP_CONFIG=/etc/lockstep/config.yaml \
    LOCKSTEP_HTTP__HOST=0.0.0.0 \
    LOCKSTEP_HTTP__PORT=8080 \
    LOCKSTEP_STORAGE__FILE=/var/lib/lockstep/lockstep.db
RUN install -d -o node -g node /var/lib/lockstep
VOLUME /var/lib/lockstep
EXPOSE 8080
USER node
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.LOCKSTEP_HTTP__PORT}/api/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/api/src/cli.ts"]
CMD ["serve"]
