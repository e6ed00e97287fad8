"""Online and batch say the same of the same record, byte for byte: rings, spoilt papers and known frauds included."""

import os
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import msgspec
import pytest
from django.test import override_settings

from fraud.models import Institution, Screening
from fraud.rules import canonical as c
from fraud.rules.consortium import Facts, FraudType, RecordRole, Report
from fraud.rules.people.applications import applications
from fraud.rules.people.noise import noisy_copy
from fraud.screening.consortium import consortium, registry
from fraud.screening.online import answer
from fraud.screening.tokens import consortium_tokens
from portal.accounts.actors import SYSTEM
from tests.fraud.registry.process import SECRET, registry_process
from tests.fraud.submissions.conftest import _bucket, content, finished, received
from tests.makers_fraud import NOW, make_institution

__all__ = ["_bucket"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# All 10,000 by CORPUS=10000, which takes minutes: what comes alone is stored and screened alone.
CORPUS, SEED = int(os.environ.get("CORPUS", "1000")), 20_260_302
# Each so many applications somebody comes back, with papers that differ a little; and somebody is known for fraud.
RETURNING, KNOWN = 25, 40


def corpus() -> list[c.Application]:
    dice, made = Random(SEED), list(applications(SEED, CORPUS))
    for place in range(RETURNING, CORPUS, RETURNING):
        earlier = made[place - RETURNING]
        again = noisy_copy(earlier, dice)
        made[place] = msgspec.structs.replace(again, reference=made[place].reference)
    return made


def tell_of_known_frauds(given: list[c.Application]) -> None:
    ours = registry()
    assert ours is not None
    for number, application in enumerate(given[::KNOWN]):
        facts = Facts(fraud_type=FraudType.MONEY_MULE, role=RecordRole.MULE, month="2026-02")
        tokens = consortium_tokens(application)
        ours.report(
            Report(contribution=f"ctb_{number:08d}", institution="org_another", facts=facts, tokens=tokens)
        )


def said_of(institution: Institution) -> dict[str, bytes]:
    """What was decided of each reference, as bytes."""
    columns = ("outcome", "score", "reasons", "explanation", "hits", "is_degraded")
    rows = Screening.objects.filter(institution=institution).values("application__reference", *columns)
    return {
        row.pop("application__reference"): msgspec.json.encode(row, order="deterministic") for row in rows
    }


def test_applications_are_decided_alike_by_both_doors() -> None:
    by_one, by_file = make_institution("bank-a", time_budget=30_000), make_institution("bank-b")
    given, ticks = corpus(), count()
    with registry_process() as url, override_settings(REGISTRY_URL=url, REGISTRY_SECRET=SECRET):
        forget_consortium()
        tell_of_known_frauds(given)

        for application in given:
            answer(by_one, application, by=SYSTEM, clock=lambda: NOW + timedelta(microseconds=next(ticks)))
        finished(received(by_file, content([c.to_json(each) for each in given])))
    forget_consortium()

    online, batch = said_of(by_one), said_of(by_file)
    assert len(online) == CORPUS
    assert [reference for reference, said in online.items() if batch[reference] != said] == []
    told: dict[str, Any] = {key: msgspec.json.decode(said) for key, said in online.items()}
    assert {said["outcome"] for said in told.values()} == {"clear", "review", "refer"}
    assert not [said for said in told.values() if said["is_degraded"]]
    assert sum(bool(said["hits"]) for said in told.values()) >= CORPUS // KNOWN


def forget_consortium() -> None:
    consortium.cache_clear()
    registry.cache_clear()
