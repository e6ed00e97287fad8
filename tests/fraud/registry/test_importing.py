"""Known frauds by the thousand: found like those that came one by one, and each taken in once."""

import pytest

from fraud.models import RegistryRecord, RegistryTally, RegistryToken
from fraud.operations.registry.comparing import compare_records
from fraud.operations.registry.importing import import_records
from fraud.queries.registry import waiting_notices
from fraud.rules.consortium import Imported, Reports
from portal.accounts.actors import SYSTEM
from portal.audit.models import Entry
from tests.fraud.registry.scenes import BANK_A, BANK_B, NOW, ask, facts, question, register, report

pytestmark = pytest.mark.django_db


def imported(*reports) -> Imported:
    return import_records(Reports(reports=reports), by=SYSTEM, now=NOW)


def test_imported_records_are_found_like_others() -> None:
    register("ctb_00000001", "1")
    assert imported(report("ctb_00000002", "2")) == Imported(new=1)

    one, other = ask(question("app_00000001", "1"), question("app_00000002", "2"))

    assert one.hits == other.hits
    assert ask(question("app_00000003", "2"), institution=BANK_B)[0].hits[0].is_own


def test_what_is_there_already_is_passed_over() -> None:
    register("ctb_00000001", "1")

    found = imported(*(report(f"ctb_0000000{number}", str(number)) for number in (1, 2, 2, 3)))

    assert found == Imported(new=2)
    assert imported(report("ctb_00000003", "3")) == Imported(new=0)
    assert RegistryRecord.objects.count() == 3
    assert RegistryToken.objects.count() == 6
    assert sum(RegistryTally.objects.values_list("records", flat=True)) == 3
    assert Entry.objects.filter(act="record.imported").count() == 1


def test_what_no_record_can_be_made_of_is_named() -> None:
    late = report("ctb_00000002", "2", facts=facts("2026-04"))

    assert imported(report("ctb_00000001", "1"), report("ctb_00000003", "3", "ip.1"), late) == Imported(
        new=1, refused=("ctb_00000002", "ctb_00000003")
    )


def test_they_are_compared_with_what_was_asked_before() -> None:
    ask(question("app_00000001", "1"))
    imported(report("ctb_00000001", "1"), report("ctb_00000002", "2"))

    assert compare_records(now=NOW) == 2

    (notice,) = waiting_notices(NOW.date())
    assert (notice.institution, notice.answer.application) == (BANK_A, "app_00000001")
