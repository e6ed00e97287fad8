"""The whole API as its own document describes it: whatever is sent, no 5xx, and no answer that it does not promise."""

import itertools
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.accounts.models import Client
from portal.accounts.roles import ClientKind
from portal.wsgi import application
from tests.campaigns.api.conftest import Caller, World

# Outside a test there is no engine, and the document needs none.
schema: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_numbers = itertools.count()


@pytest.fixture
def callers(world: World) -> list[Caller]:
    """A brand's website and a printer, with time for many requests."""
    made = [world.client(ClientKind.WEBSITE), world.client(ClientKind.PRINTER)]
    Client.objects.update(requests_per_minute=1_000_000)
    return made


def send(case: Any, caller: Caller) -> None:
    """Send a request with the client's own key, and hold the answer to the document."""
    headers = {"Authorization": f"Bearer {caller.secret}"}
    case.validate_response(case.call(headers=headers), checks=CHECKS, headers=headers)


@schema.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_promises(
    case: Any, callers: list[Caller], world: World
) -> None:
    for caller in callers:
        send(case, caller)
    # The same about a batch that is there, as a change that was not tried before.
    if "public_id" in case.path_parameters:
        case.path_parameters["public_id"] = world.batch.public_id
        case.headers["Idempotency-Key"] = f"schemathesis-{next(_numbers)}"
        for caller in callers:
            send(case, caller)
