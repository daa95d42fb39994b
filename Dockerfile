# Passline in production: one image for web, worker, beat, sweep and the jobs before them.
FROM python:3.13-slim AS packages
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PASSLINE_PROFILE=production \
    STATE_DIR=/srv/passline/state \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin passline
COPY --from=packages /venv /venv
WORKDIR /srv/passline
COPY . .
# The values are stand-ins: what is built here, messages and static files, holds none of them.
RUN python -m compileall -q accounts config exams flashcards i18n \
 && python -m config.messages compile \
 && SECRET_KEY=only-for-building-the-image SITE_URL=https://build.example DEFAULT_FROM_EMAIL=build@build.example \
    DATABASE_URL=postgres://build@build.example/build REDIS_URL=redis://build.example/0 MAIL_HOST=build.example \
    python manage.py collectstatic --noinput -v 0 \
 && rm -rf /tmp/metrics
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-m", "config.healthcheck", "web"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "256", "--backpressure", "800", "--http1-header-read-timeout", "30000", "--no-ws", \
     "--respawn-failed-workers", "--workers-kill-timeout", "20s", "config.wsgi:application"]
