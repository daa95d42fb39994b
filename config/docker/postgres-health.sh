#!/bin/sh
# Healthy: takes connections over TCP (while the roles are made it listens on its socket only) and has both roles.
# Without the roles the first start was broken off; docs/operations.md, "Database without roles", says the way out.
set -eu
pg_isready --quiet --host 127.0.0.1 --username postgres --dbname passline
roles=$(psql --no-psqlrc --tuples-only --no-align --username postgres --dbname passline \
  --command "SELECT count(*) FROM pg_roles WHERE rolname IN ('passline_owner', 'passline_app')")
if [ "$roles" != 2 ]; then
  echo "passline_owner and passline_app are missing: see docs/operations.md, Database without roles" >&2
  exit 1
fi
