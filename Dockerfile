# The version of Node that package.json names; `make generate` writes it here.
ARG NODE_VERSION=26.10.0

FROM node:${NODE_VERSION}-trixie-slim AS build
WORKDIR /keyturn
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY build.ts ./
COPY deploy/sbom deploy/sbom
COPY src src
RUN node build.ts dist
# Node and what it needs beside the C and C++ libraries; env reads the bundle's first line, which holds
# the options that keep Node's memory small.
RUN mkdir /runtime && \
    cp --parents --dereference \
      /usr/local/bin/node /usr/bin/env /usr/lib/*-linux-gnu/libatomic.so.1 /runtime

# The C and C++ libraries: no shell, no package manager.
FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /runtime /
COPY LICENSE /
COPY --from=build /keyturn/dist/THIRD-PARTY-NOTICES.txt /
COPY --from=build /keyturn/dist/keyturn.mjs /keyturn.mjs
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/keyturn.mjs"]
