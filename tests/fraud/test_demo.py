"""The demonstration of the fraud domain: told through the operations, once."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from fraud.models import (
    Application,
    Backtest,
    Case,
    Institution,
    MappingVersion,
    Screening,
    Submission,
)
from fraud.operations.submissions.objects import submission_bucket
from portal.accounts.roles import Role
from tests import makers
from tests.cast import give_second_factor

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_two_banks_come_with_applications_and_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fraud.management.demo.APPLICATIONS", 300)
    submission_bucket().create()
    people: dict[str, dict[str, str]] = {}
    for role in (Role.OPERATOR, Role.ANALYST):
        person = makers.make_person(f"Somebody {role}", role, makers.make_house())
        give_second_factor(person)
        people[str(role)] = {"email": person.email, "password": makers.PASSWORD}
    out = tmp_path / "demo.json"
    out.write_text(json.dumps({"users": people, "clients": {"brand": {"key": "x"}}}))

    call_command("seed_fraud_demo", out=str(out))
    call_command("seed_fraud_demo", out=str(out))

    facts = json.loads(out.read_text())
    assert set(facts["clients"]) == {"brand", "bank_a", "bank_b"}
    banks = {"bank_analyst", "bank_lead", "second_lead"}
    assert set(facts["users"]) == {"operator", "analyst", "second_analyst", *banks}
    assert (out.stat().st_mode & 0o777) == 0o600
    assert Institution.objects.count() == 2
    assert Application.objects.count() == 300
    assert set(Case.objects.values_list("state", flat=True)) == {
        *("open", "claimed", "confirming", "decided", "reopened")
    }
    assert set(Submission.objects.values_list("state", flat=True)) == {
        *("received", "cancelled", "waiting-for-upload")
    }
    assert Submission.objects.filter(is_paused=True).exists()
    assert Screening.objects.exclude(hits=[]).exists()
    assert Screening.objects.filter(kind="retro").exists()
    assert not Screening.objects.filter(is_degraded=True).exists()
    assert set(MappingVersion.objects.values_list("state", flat=True)) == {"draft", "waiting", "published"}
    assert Backtest.objects.exists()
