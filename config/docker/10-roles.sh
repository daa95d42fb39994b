#!/bin/sh
# Runs once, when the database is made: the roles, with passwords from the environment.
# Whether it came to its end is asked by the health check of docker-compose.yml.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --single-transaction \
  --set "database=$POSTGRES_DB" --set "owner_password=$OWNER_DB_PASSWORD" --set "app_password=$APP_DB_PASSWORD" \
  --file /sql/roles.sql
