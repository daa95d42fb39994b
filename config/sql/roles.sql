-- Two roles beside the superuser: the owner changes the schema (migrations), the app only works with rows.
-- psql variables: database, owner_password, app_password.
CREATE ROLE passline_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE passline_app LOGIN PASSWORD :'app_password';

ALTER DATABASE :"database" OWNER TO passline_owner;
ALTER SCHEMA public OWNER TO passline_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO passline_app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO passline_app;

-- A new table may be read and written, but nothing is deleted from it until grants.sql says so.
ALTER DEFAULT PRIVILEGES FOR ROLE passline_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO passline_app;
ALTER DEFAULT PRIVILEGES FOR ROLE passline_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO passline_app;
