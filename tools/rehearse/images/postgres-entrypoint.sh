#!/bin/sh
# What the official image's entrypoint does at the first start, as far as docker-compose.yml uses it.
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --clear-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
  # The arguments are words of a variable, as in the official image.
  eval "initdb -D \"$PGDATA\" -U postgres --pwfile=/tmp/password $POSTGRES_INITDB_ARGS"
  rm /tmp/password
  printf 'host all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
  printf "listen_addresses = '*'\nunix_socket_directories = '/var/run/postgresql,/tmp'\n" >> "$PGDATA/postgresql.conf"
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
  export POSTGRES_USER=postgres PGHOST=/var/run/postgresql
  psql -X -U postgres -d postgres -c "CREATE DATABASE \"$POSTGRES_DB\""
  for script in /docker-entrypoint-initdb.d/*.sh; do
    sh "$script"
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@"
