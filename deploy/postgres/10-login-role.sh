#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is empty: the server's login role, with its password.
# As the migrations would make it, which then give it all that it may do.
set -eu

psql --set=ON_ERROR_STOP=1 --set=password="$TURNOUT_DATABASE_PASSWORD" \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE turnout LOGIN NOINHERIT PASSWORD :'password';
SQL
