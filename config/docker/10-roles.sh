#!/bin/sh
# Runs once, when the database is made: the roles, with passwords from the environment.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set "database=$POSTGRES_DB" --set "owner_password=$OWNER_DB_PASSWORD" --set "app_password=$APP_DB_PASSWORD" \
  --file /sql/roles.sql
