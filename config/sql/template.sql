-- For every database that tests make: who may not make extensions can still count statements.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
