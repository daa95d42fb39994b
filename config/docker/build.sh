#!/bin/sh
# What the image holds beyond its files: bytecode, compiled translations, static files with hashed names.
# The values are stand-ins: nothing of them is kept.
set -eu
python -m compileall -q accounts config exams flashcards i18n
python -m tools.messages compile
export SECRET_KEY=only-for-building-the-image-and-never-for-anything-else SITE_URL=https://build.example
export DEFAULT_FROM_EMAIL=build@build.example MAIL_HOST=build.example
export DATABASE_URL=postgres://build@build.example/build REDIS_URL=redis://build.example/0
python manage.py collectstatic --noinput -v 0
