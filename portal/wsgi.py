"""The door through which the web server calls the portal."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# Importing the app makes it the one through which requests send their nudges.
from portal.celery import app as celery_app
from portal.core.checks import refuse_weak_configuration

# A thread that computes lets another one have its turn after half a millisecond, not five: of a thousand questions
# together and one that somebody waits for, the one is answered first.
sys.setswitchinterval(0.0005)
celery_app.set_default()
application = get_wsgi_application()
refuse_weak_configuration()
