# Passline in production: one image for web, workers, beat, sweep and the jobs before them (target `site`, the last),
# and one with PostgreSQL's programs for backup and restore (target `backup`).
FROM python:3.13-slim AS packages
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.13-slim AS files
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PASSLINE_PROFILE=production \
    STATE_DIR=/srv/passline/state \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
COPY --from=packages /venv /venv
WORKDIR /srv/passline
COPY . .
# A clone made under a strict umask would otherwise be unreadable for the user of the image.
RUN chmod -R a+rX . && sh config/docker/build.sh && chmod -R a+rX . && rm -rf tools /tmp/metrics

# pg_dump must not be older than the server: this image follows that of the database.
FROM postgres:18 AS backup
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 10001 -g 10001 -m 700 /backups
ENV PYTHONPATH=/venv/lib/python3.13/site-packages \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PASSLINE_PROFILE=production \
    STATE_DIR=/srv/passline/state \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
COPY --from=files /venv /venv
COPY --from=files /srv/passline /srv/passline
WORKDIR /srv/passline
# Both images must have the same Python: packages with C parts are built for one.
RUN python3 -c "import django, psycopg2"
USER 10001
ENTRYPOINT []
CMD ["python3", "manage.py", "backup", "--help"]

FROM python:3.13-slim AS site
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PASSLINE_PROFILE=production \
    STATE_DIR=/srv/passline/state \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin passline
COPY --from=files /venv /venv
COPY --from=files /srv/passline /srv/passline
WORKDIR /srv/passline
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-m", "config.healthcheck", "web"]
CMD ["python", "-m", "config.drain", \
     "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "448", "--backpressure", "800", "--http1-header-read-timeout", "30000", "--no-ws", \
     "--respawn-failed-workers", "--workers-kill-timeout", "20s", "config.wsgi:application"]
