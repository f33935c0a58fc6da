#!/usr/bin/env bash
# Makes a stand-in for the image's base where no image can be pulled: Debian's packages, the workspace's Node and this
# machine's npm, under the name that the Dockerfile asks for. For tests and CI; never push what is built on it.
#
#   docker/stand-in-base.sh [IMAGE]      IMAGE: node:24-slim unless told otherwise
#
# Needs root, mmdebstrap, and an engine that `docker` reaches (DOCKER_HOST counts). Package registries are reached in the way
# that this machine's apt and npm are set up for; a build in the image gets the same npm registry and certificates.
set -euo pipefail
image=${1:-node:24-slim}
root=$(cd "$(dirname "$0")/.." && pwd)
. /etc/os-release

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
extra=$work/extra

# --- Node, laid out as in the official image ---
mkdir -p "$extra/usr/local/bin" "$extra/usr/local/lib/node_modules" "$extra/usr/local/etc" "$extra/etc/ssl/certs"
node=$(cd "$root" && npx -y pnpm exec node -p process.execPath)
install -m 755 "$node" "$extra/usr/local/bin/node"
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
cp -RL "$npm" "$extra/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$extra/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$extra/usr/local/bin/npx"

# --- the way to the registry ---
certificates=/etc/ssl/certs/ca-certificates.crt
cp -L "${NODE_EXTRA_CA_CERTS:-$certificates}" "$extra$certificates"
printf 'registry=%s\ncafile=%s\n' "$(cd / && npm config get registry)" "$certificates" >"$extra/usr/local/etc/npmrc"

# --- a small Debian, without what the official slim images leave out too ---
mmdebstrap --quiet --variant=minbase --include=ca-certificates \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --customize-hook="copy-in '$extra/usr' '$extra/etc' /" \
  "$VERSION_CODENAME" "$work/base.tar"

docker import --change "ENV NODE_VERSION=$("$node" -p process.versions.node)" \
  --change "ENV NODE_EXTRA_CA_CERTS=$certificates" --change 'CMD ["node"]' \
  --message 'stand-in, made locally' "$work/base.tar" "$image"
