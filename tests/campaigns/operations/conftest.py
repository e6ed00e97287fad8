"""What the operations' tests share."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from celery import Celery

from portal.celery import app

Sent = list[tuple[str, dict[str, int]]]


@pytest.fixture
def sent(redis_client: Any) -> Callable[[], Sent]:
    """Read the nudges that lie in the broker, the oldest first, urgent ones before the others."""

    def read() -> Sent:
        found: Sent = []
        for key in ("campaigns", "campaigns\x06\x166"):
            for message in reversed(redis_client.lrange(key, 0, -1)):
                headers = json.loads(message)["headers"]
                found.append((headers["task"], json.loads(headers["kwargsrepr"].replace("'", '"'))))
        return found

    return read


@pytest.fixture
def broker_gone(django_capture_on_commit_callbacks: Any) -> Callable[[], AbstractContextManager[Any]]:
    """Run a block whose nudges go to a port where nobody listens."""

    @contextmanager
    def without() -> Iterator[None]:
        nowhere = Celery(broker="redis://127.0.0.1:9/0")
        nowhere.config_from_object("django.conf:settings", namespace="CELERY")
        nowhere.conf.update(broker_url="redis://127.0.0.1:9/0")
        nowhere.set_current()
        try:
            with django_capture_on_commit_callbacks(execute=True):
                yield
        finally:
            app.set_current()

    return without
