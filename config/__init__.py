"""The roof: settings, addresses, Celery, and what `make run` starts. Knows everyone; nobody imports it."""
