# Builds the service and puts the one binary into a small image that runs as an unprivileged user.
# Both base images can be replaced by ones of your own registry.
ARG BUILD_IMAGE=docker.io/library/rust:1.95-slim-bookworm
ARG RUNTIME_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc g++ libc6-dev make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY migrations migrations
COPY openapi openapi
COPY src src
COPY tests/it/main.rs tests/it/main.rs
RUN cargo build --release --locked --bin stakis-identity

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
# No curl in the image: bash speaks enough HTTP for one question.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["stakis-identity"]
CMD ["serve"]
