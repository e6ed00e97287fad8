"""Decisions of screenings are sealed in runs: whoever changes one above the database's rules is found."""

from datetime import timedelta
from functools import partial

import pytest

from fraud.models import Application, Screening
from fraud.rules.decisions import Outcome, ScreeningKind
from portal.audit.models import Link, Mark
from portal.audit.operations.sealing import seal_run
from portal.audit.queries.verifying import verify_chain
from portal.audit.runs import RunSource, run_sources
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.crypto.chain import Break, BreakKind, ChainError
from portal.privileges import Process
from tests.makers_fraud import NOW, make_application, make_institution, make_screening
from tests.portal.audit.scenes import above_the_rules, until
from tests.roles import acting_as

pytestmark = pytest.mark.django_db
TABLE = "fraud_screening"
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def application(db: None) -> Application:
    """An application that was screened, and screened again when the consortium had learned more."""
    made = make_application(make_institution())
    make_screening(made, Outcome.CLEAR, score=40, reasons=[])
    make_screening(made, Outcome.REFER, kind=ScreeningKind.RETRO, score=720, hits=[{"tier": "strong"}])
    return made


def ours() -> RunSource:
    return run_sources()["screenings"]


def seal_all() -> None:
    seal_run(ours(), now=NOW)
    newest = Screening.objects.order_by("-pk").values_list("pk", flat=True)[0]

    def is_sealed(wanted: int) -> bool:
        while seal_run(ours(), now=LATER):
            pass
        return Mark.objects.get(pk="screenings").sealed_to >= wanted

    until(partial(is_sealed, newest))


def broken() -> Break:
    with pytest.raises(ChainError) as found:
        verify_chain()
    return found.value.broken


def test_screenings_are_sealed_in_runs_and_hold(application: Application) -> None:
    seal_all()

    assert Link.objects.filter(kind="run", body__contains='"screenings"').exists()
    assert verify_chain().runs == Link.objects.count()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {} SET outcome = 'clear' WHERE outcome = 'refer'",
        "UPDATE {} SET score = score - 700 WHERE kind = 'retro'",
        "UPDATE {} SET reasons = '{{}}' WHERE kind = 'retro'",
        "UPDATE {} SET screened_at = screened_at - interval '1 day' WHERE kind = 'first'",
        "UPDATE {} SET is_degraded = NOT is_degraded WHERE kind = 'first'",
        "DELETE FROM {} WHERE kind = 'retro'",
    ],
)
def test_a_changed_or_deleted_decision_is_found(application: Application, change: str) -> None:
    seal_all()
    with above_the_rules(TABLE) as cursor:
        cursor.execute(change.format(TABLE))

    assert broken().kind is BreakKind.RUN_DIFFERS


def test_a_decision_of_another_application_is_found(application: Application) -> None:
    other = make_application(application.institution, "A-2")
    seal_all()
    with above_the_rules(TABLE) as cursor:
        cursor.execute(f"UPDATE {TABLE} SET application_id = %s WHERE kind = 'retro'", [other.pk])

    assert broken().kind is BreakKind.RUN_DIFFERS


def test_what_retention_takes_out_of_a_screening_breaks_nothing(application: Application) -> None:
    seal_all()

    Screening.objects.update(explanation=[], hits=[])

    assert verify_chain().runs >= 1


def test_the_trail_worker_seals_and_the_platform_worker_verifies(application: Application) -> None:
    with acting_within(EVERYWHERE), acting_as(Process.TRAIL):
        seal_all()

    with acting_within(EVERYWHERE), acting_as(Process.PLATFORM):
        assert verify_chain().runs >= 1


def test_what_the_consortium_told_is_in_no_run() -> None:
    assert not {"hits", "explanation"} & set(ours().columns)
