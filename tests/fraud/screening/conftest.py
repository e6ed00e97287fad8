"""The banks and analysts of cases, and a server that listens."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fraud.cases.conftest import analyst, bank_a, bank_b, second_analyst
from tests.fraud.screening.listening import Listener, listening

__all__ = ["analyst", "bank_a", "bank_b", "second_analyst"]


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with listening() as heard:
        yield heard
