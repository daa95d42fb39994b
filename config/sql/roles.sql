-- Two roles beside the superuser: the owner changes the schema (migrations), the app only works with rows.
-- psql variables: database, owner_password, app_password. Safe to repeat; a repeat sets the passwords.
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['passline_owner', 'passline_app']) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)
\gexec
ALTER ROLE passline_owner LOGIN PASSWORD :'owner_password';
ALTER ROLE passline_app LOGIN PASSWORD :'app_password';

ALTER DATABASE :"database" OWNER TO passline_owner;
ALTER SCHEMA public OWNER TO passline_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO passline_app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO passline_app;
-- A new table gives the app nothing: `python -m config.grants` gives what the class of the table says.
