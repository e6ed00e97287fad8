"""Readiness names what is missing; it never hangs on it, and never takes the process down with it."""

from typing import Any

import pytest
from django.test import Client

from portal.core import health
from portal.stack.folder import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def nowhere() -> str:
    """An address at which nobody listens."""
    return f"127.0.0.1:{free_port()}"


def readiness(client: Client) -> tuple[int, Any]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_is_ready_when_every_engine_answers_and_every_worker_shows_life(client: Client) -> None:
    for name in (*health.QUEUES, "beat"):
        health.show_life(name)

    assert readiness(client) == (
        200,
        {
            "database": "ok",
            "redis": "ok",
            "storage": "ok",
            "workers": dict.fromkeys(health.QUEUES, "ok"),
            "beat": "ok",
        },
    )


def test_is_not_ready_when_a_worker_shows_no_life(client: Client) -> None:
    health.show_life("beat")

    status, report = readiness(client)

    assert status == 503
    assert report["workers"] == dict.fromkeys(health.QUEUES, "no sign of life")
    assert report["beat"] == "ok"


def test_signs_of_life_of_an_earlier_run_can_be_forgotten(client: Client) -> None:
    health.show_life("campaigns")

    health.forget_life()

    assert readiness(client)[1]["workers"] == dict.fromkeys(health.QUEUES, "no sign of life")


def test_names_a_storage_that_does_not_answer(client: Client, settings: Any, nowhere: str) -> None:
    settings.S3_ENDPOINT_URL = f"http://{nowhere}"

    status, report = readiness(client)

    assert (status, report["storage"]) == (503, "does not answer (ConnectionRefusedError)")


def test_names_a_redis_that_does_not_answer(client: Client, settings: Any, nowhere: str) -> None:
    settings.REDIS_URL = f"redis://{nowhere}/0"
    health._redis.cache_clear()
    try:
        health.show_life("campaigns")
        status, report = readiness(client)
    finally:
        health._redis.cache_clear()

    assert status == 503
    assert report["redis"] == "does not answer (ConnectionError)"
    assert report["workers"] == dict.fromkeys(health.QUEUES, "unknown")


def test_alive_needs_nothing_but_the_process(client: Client, settings: Any, nowhere: str) -> None:
    settings.S3_ENDPOINT_URL = f"http://{nowhere}"

    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_figures_say_which_part_is_missing(client: Client) -> None:
    health.show_life("beat")

    body = client.get("/metrics").content.decode()

    assert 'countersign_ready{part="beat"} 1.0' in body
    assert 'countersign_ready{part="workers.campaigns"} 0.0' in body
