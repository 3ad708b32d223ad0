# Builds the service and puts the one binary into a small image that runs as an unprivileged user.
# Both base images can be replaced by ones of your own registry, and pinned to a digest.
ARG BUILD_IMAGE=docker.io/library/rust:1.95.0-slim-bookworm
ARG RUNTIME_IMAGE=docker.io/library/debian:12.12-slim

FROM ${BUILD_IMAGE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc g++ libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*
# The program that lists the crates in the binary, for `cargo audit bin`.
RUN cargo install --locked --profile dev cargo-auditable@0.7.7
WORKDIR /build
# The dependencies are built apart from the service: a change of its code alone builds the service alone.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src tests/it tests/bench \
    && touch src/lib.rs tests/it/main.rs tests/bench/main.rs \
    && echo 'fn main() {}' >src/main.rs \
    && cargo auditable build --release --locked --bin stakis-identity
COPY migrations migrations
COPY openapi openapi
COPY src src
# The files of the service may be older than those in whose place they come.
RUN touch src/lib.rs src/main.rs \
    && cargo auditable build --release --locked --bin stakis-identity \
    && strip target/release/stakis-identity

FROM ${RUNTIME_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --no-log-init --uid 10001 --no-create-home --shell /usr/sbin/nologin stakis \
    && install -d -o stakis -g stakis -m 0700 /data
COPY --from=build /build/target/release/stakis-identity /usr/local/bin/stakis-identity
USER 10001:10001
VOLUME /data
# A container runs in production mode unless STAKIS_ENVIRONMENT says otherwise.
ENV STAKIS_ENVIRONMENT=production STAKIS_LISTEN=0.0.0.0:8080 STAKIS_DATA_DIR=/data
# Huge pages for the memory of a hash where the host leaves that to the programs, as Debian does: each switch to another
# process costs the hash fewer misses then.
ENV GLIBC_TUNABLES=glibc.malloc.hugetlb=1
EXPOSE 8080
# It asks /livez for serve and worker alike. An outage of the database must not restart every instance.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["stakis-identity", "healthcheck"]
ENTRYPOINT ["stakis-identity"]
CMD ["serve"]
