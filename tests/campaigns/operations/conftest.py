"""What the operations' tests share."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

Sent = list[tuple[str, dict[str, int]]]


@pytest.fixture
def sent(redis_client: "Redis[Any]") -> Callable[[], Sent]:
    """Read the nudges that lie in the broker, the oldest first, urgent ones before the others."""

    def read() -> Sent:
        found: Sent = []
        for key in ("campaigns", "campaigns\x06\x166"):
            for message in reversed(redis_client.lrange(key, 0, -1)):
                headers = json.loads(message)["headers"]
                found.append((headers["task"], json.loads(headers["kwargsrepr"].replace("'", '"'))))
        return found

    return read
