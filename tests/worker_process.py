"""What a worker that is going to be killed runs: one task, in a process of its own."""

import django
from django.apps import apps

# In the process of the tests everything is set up already.
if not apps.ready:
    django.setup()

from portal.celery import app

app.loader.import_default_modules()


def run(task: str, *ids: int | str) -> None:
    """Carry out one task as the broker's message would have it."""
    app.tasks[task](*ids)
