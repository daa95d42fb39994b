"""What `make run` and `make test` start: PostgreSQL, Valkey, web, worker, beat. Standard library only.

Fault tests use `postgres.PostgresServer`, `valkey.ValkeyServer` and `processes.Child` directly.
"""
