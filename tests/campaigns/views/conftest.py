"""Pages play at the moment of the makers; only the clock is faked."""

import pytest
from django.test import Client as Browser

# Views keep the clock that they were imported with: the platform's own must not be imported under the faked one.
import portal.urls
import portal.web.templatetags.pages  # noqa: F401
from portal.accounts.actors import Actor
from portal.core import clock
from tests import makers
from tests.cast import signed_in


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: makers.NOW)


@pytest.fixture
def operator_browser(operator: Actor) -> Browser:
    return signed_in(operator)


@pytest.fixture
def support_browser(support: Actor) -> Browser:
    return signed_in(support)


@pytest.fixture
def printer_browser(printer: Actor) -> Browser:
    return signed_in(printer)
