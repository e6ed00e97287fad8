"""Fixtures for every test: the engines are real (tests/engines.py), and each test finds Redis empty."""

from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.utils import translation
from redis import Redis

from campaigns.queries.codes import forget_campaigns

# Nudges of the tests go through the portal's own app.
from portal.celery import app as celery_app
from portal.keys.scopes import forget_scopes
from tests.emptying import empty_instead_of_flushing
from tests.log_watch import Watch

celery_app.set_default()
# A busy machine is slow, never wrong.
hypothesis.settings.register_profile("countersign", deadline=None)
hypothesis.settings.load_profile("countersign")
empty_instead_of_flushing()

# Tests take static files from their folders: names with hashes need a collectstatic first.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"

pytest_plugins = ["tests.cast", "tests.roles"]

_log_watch = Watch()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is alone with it in the end; the rest stays shuffled."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def redis_client() -> Iterator[Redis]:
    """This worker's own Redis database."""
    with Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def _empty_redis(redis_client: Redis) -> None:
    redis_client.flushdb()


@pytest.fixture(autouse=True)
def _forgotten_campaigns() -> None:
    """Campaigns are remembered for seconds, and another test's may have had the same name."""
    forget_campaigns()


@pytest.fixture(autouse=True)
def _forgotten_keys() -> None:
    """Keys of scopes are remembered for a minute, and their rows went with the last test."""
    forget_scopes()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A request leaves its language behind in the thread, as it does in a server; the next test speaks English."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def _logs_without_secrets() -> Iterator[None]:
    """Whatever a test is about: nothing planted may show in what it logged."""
    _log_watch.listen()
    _log_watch.found.clear()
    yield
    assert _log_watch.found == []
