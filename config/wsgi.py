"""The WSGI application that granian serves."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Django must be set up before the server borrows its connections.
django = get_wsgi_application()

from config.server import Server  # noqa: E402

# A save needs the interpreter a few times, for a tenth of a millisecond each. Beside threads that make long
# pages it would wait 5 ms and more for each of them.
sys.setswitchinterval(0.001)
application = Server(django, django.get_response)
