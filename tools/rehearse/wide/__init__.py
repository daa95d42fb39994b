"""More than one machine rehearsed: a database cluster, several webs and a balancer, broken under saves.

Each host is a network namespace of its own; all of it lives in one namespace of processes and ends with it.
Needs root on Debian; the packages that are missing are installed. PostgreSQL is the project's own, the
configuration is that of docs/cluster.
"""
