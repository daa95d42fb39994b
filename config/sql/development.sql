-- For the servers of `make run` and `make test` only, after roles.sql. Safe to repeat.
-- Tests make databases, become the site's role and come back, and set triggers aside to move rows in time.
ALTER ROLE passline_owner CREATEDB;
GRANT passline_app TO passline_owner;
GRANT SET ON PARAMETER session_replication_role TO passline_owner;

-- A cluster of an earlier version has tables of the superuser.
SELECT format('ALTER TABLE %I OWNER TO passline_owner', tablename) FROM pg_tables
WHERE schemaname = 'public' AND tableowner <> 'passline_owner'
\gexec
SELECT format('ALTER FUNCTION %s OWNER TO passline_owner', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proowner <> 'passline_owner'::regrole
\gexec
-- What a test run of an earlier version left behind must not stand in the way of the next one.
SELECT format('ALTER DATABASE %I OWNER TO passline_owner', datname) FROM pg_database
WHERE datname LIKE 'test\_%' AND datdba <> 'passline_owner'::regrole
\gexec
