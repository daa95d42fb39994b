"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Django must be set up before the server borrows its connections.
django = get_wsgi_application()

from config.server import Server  # noqa: E402

application = Server(django, django.get_response)
