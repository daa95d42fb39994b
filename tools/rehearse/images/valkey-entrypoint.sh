#!/bin/sh
# What the official image's entrypoint does: own the data, then become the user valkey.
set -eu
if [ "$(id -u)" = 0 ]; then
  chown -R valkey .
  exec setpriv --reuid valkey --regid valkey --clear-groups "$0" "$@"
fi
exec "$@"
