"""A process of its own for redemption: it spends codes as its own role, and has no pages."""

import json
import subprocess
import sys
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from portal.accounts.roles import ClientKind
from portal.privileges import Process
from tests import makers
from tests.processes import ROOT, on_these_engines

# What the process answers to requests that are read from its arguments.
SCRIPT = """
import json, sys
import django
django.setup()
from django.test import Client
from portal.wsgi import application
browser = Client(raise_request_exception=False, headers={"authorization": f"Bearer {sys.argv[1]}"})
answers = []
for number, (method, path, body) in enumerate(json.loads(sys.argv[2])):
    given = {"data": body, "content_type": "application/json", "headers": {"idempotency-key": f"key-{number}"}}
    answer = getattr(browser, method)(path, **(given if method == "post" else {}))
    shown = answer.json() if "json" in answer["Content-Type"] else answer.content.decode()
    answers.append([answer.status_code, shown])
print(json.dumps(answers))
"""


def answers(key: str, *requests: tuple[str, str, object]) -> list[tuple[int, Any]]:
    """Ask a redeem process, which connects as its own role."""
    base = connection.settings_dict
    role = Process.REDEEM.role
    login = f"{role}:{quote(settings.DATABASE_PASSWORDS[role])}@{base['HOST']}:{base['PORT']}"
    own = {"PROCESS": Process.REDEEM.value, "DATABASE_URL": f"postgres://{login}/{base['NAME']}"}
    own |= {"ALLOWED_HOSTS": "testserver"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, key, json.dumps(requests)],
        env=on_these_engines() | own,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(answer[0], answer[1]) for answer in json.loads(done.stdout.splitlines()[-1])]


@pytest.mark.django_db(transaction=True)
def test_spends_codes_and_serves_nothing_else() -> None:
    # The process has a clock of its own.
    campaign = makers.make_campaign(closes=datetime(2199, 1, 1))
    batch = makers.active_batch(campaign)
    key = makers.client_with_key(ClientKind.WEBSITE, campaign.market, campaign.brand)[1]
    code = makers.a_code(batch)
    body = {"code": code, "member": "ext:1", "campaign": campaign.slug}

    spent, again, checked, page, orders, alive = answers(
        key,
        ("post", "/api/v1/redemptions", body),
        ("post", "/api/v1/redemptions", body | {"member": "ext:2"}),
        ("post", "/api/v1/codes/check", {"code": code, "campaign": campaign.slug}),
        ("get", "/", None),
        ("get", "/api/v1/batches", None),
        ("get", "/healthz", None),
    )

    assert spent[0] == 201, spent
    assert (again[0], again[1]["code"]) == (409, "code-already-redeemed")
    assert checked[0] == 200
    assert [page[0], orders[0], alive[0]] == [404, 404, 200]
