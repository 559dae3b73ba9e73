# Turnout with its web app, without a database: `docker-compose.yml` beside this file has one. Used as `turnout serve` or `turnout migrate`.

FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM rust:1-bookworm AS server
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
# Checked SQL is checked against the committed .sqlx: no database takes part in the build.
ENV SQLX_OFFLINE=true
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p turnout \
    && cp target/release/turnout /usr/local/bin/turnout

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/turnout --create-home turnout
COPY --from=server /usr/local/bin/turnout /usr/local/bin/turnout
USER turnout
WORKDIR /var/lib/turnout
ENV TURNOUT_LISTEN=0.0.0.0:8080 \
    TURNOUT_DATA=/var/lib/turnout \
    TURNOUT_LOG_FORMAT=json
EXPOSE 8080
# SIGTERM finishes what was accepted.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["turnout"]
CMD ["serve"]
