"""The door through which the web server calls the portal."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# Importing the app makes it the one through which requests send their nudges.
from portal.celery import app as celery_app
from portal.core.checks import refuse_weak_configuration

celery_app.set_default()
application = get_wsgi_application()
refuse_weak_configuration()
