"""What came before: counted by window, in the order of arrival, bounded, and the same however one asks."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from fraud.models import Application, Case, FraudElement, Institution, WatchEntry
from fraud.queries.velocity import velocity, watch_hits
from portal.crypto.tokens import token
from tests.makers_fraud import NOW, make_institution

pytestmark = pytest.mark.django_db

SIN, BIRTH, PHONE, IP = "sin.1", "sin-birth.1", "phone.1", "ip.1"


def stored(
    bank: Institution, *elements: tuple[str, str], at: datetime = NOW, row: int = 0, **facts: Any
) -> Application:
    """An application with these elements, whose values are named by letters."""
    number = Application.objects.count()
    application = Application.objects.create(
        institution=bank,
        public_id=f"app_{number}",
        row_number=row,
        reference=f"A-{number}",
        facts_digest=b"d" * 16,
        product="loan",
        channel="web",
        currency="CAD",
        amount=1,
        submitted_at=at,
        arrived_at=at,
        sealed=b"s",
        **facts,
    )
    FraudElement.objects.bulk_create(
        FraudElement(
            institution=bank,
            application=application,
            kind=kind,
            token=token(bank.code.encode(), kind, value),
            arrived_at=at,
            row_number=row,
        )
        for kind, value in elements
    )
    return application


def counts(application: Application) -> dict[str, int]:
    return velocity([application.pk]).get(application.pk, {})


def before(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_counts_by_window_what_came_before() -> None:
    bank = make_institution()
    for days in (0.5, 6, 29, 89, 200, 400):
        stored(bank, (PHONE, "a"), at=before(days))

    found = counts(stored(bank, (PHONE, "a")))

    assert found == {"same_phone_1d": 1, "same_phone_7d": 2, "same_phone_30d": 3, "same_phone_90d": 4}


def test_counts_nothing_of_others_and_nothing_later() -> None:
    bank = make_institution()
    asked = stored(bank, (PHONE, "a"))
    stored(bank, (PHONE, "a"), at=before(-1))
    stored(bank, (PHONE, "b"), at=before(1))
    stored(make_institution("bank-b"), (PHONE, "a"), at=before(1))

    assert counts(asked) == {}


def test_rows_of_one_moment_come_in_their_order() -> None:
    bank = make_institution()
    rows = [stored(bank, (IP, "a"), row=number) for number in range(1, 6)]

    assert [counts(row).get("same_ip_1d", 0) for row in rows] == [0, 1, 2, 3, 4]


def test_gives_the_same_for_many_at_once_as_for_each() -> None:
    bank = make_institution()
    rows = [stored(bank, (PHONE, "ab"[n % 2]), (SIN, str(n % 3)), row=n) for n in range(1, 30)]

    together = velocity([row.pk for row in rows])

    assert together == {row.pk: counts(row) for row in rows if counts(row)}


def test_counts_no_further_than_fifty() -> None:
    bank = make_institution()
    rows = [stored(bank, (IP, "a"), row=number) for number in range(1, 60)]

    assert counts(rows[-1])["same_ip_1d"] == 50


def test_counts_the_other_numbers_that_came_with_a_phone() -> None:
    bank = make_institution()
    stored(bank, (PHONE, "a"), (SIN, "mine"), at=before(3))
    for number in ("1", "2", "2"):
        stored(bank, (PHONE, "a"), (SIN, number), at=before(2))

    assert counts(stored(bank, (PHONE, "a"), (SIN, "mine")))["phone_other_sins"] == 2


@pytest.mark.parametrize(
    ("earlier", "differ"),
    [
        ([(SIN, "1"), (BIRTH, "1-1980")], None),
        ([(SIN, "1"), (BIRTH, "1-1981")], 1),
        # Nobody said a birth date.
        ([(SIN, "1")], None),
        ([(SIN, "2"), (BIRTH, "2-1981")], None),
    ],
)
def test_one_number_with_two_birth_dates_is_noticed(
    earlier: Iterable[tuple[str, str]], differ: int | None
) -> None:
    bank = make_institution()
    stored(bank, *earlier, at=before(2))

    asked = stored(bank, (SIN, "1"), (BIRTH, "1-1980"))

    assert counts(asked).get("sin_birth_dates_differ") == differ


@pytest.mark.parametrize(
    ("verdict", "found"),
    [("fraud", {"earlier_frauds": 1}), ("clear", {})],
)
def test_frauds_among_earlier_applications_are_counted(verdict: str, found: dict[str, int]) -> None:
    bank = make_institution()
    earlier = stored(bank, (SIN, "1"), at=before(200))
    Case.objects.create(
        application=earlier,
        institution=bank,
        origin="screening",
        priority=1,
        opened_at=NOW,
        state="decided",
        verdict=verdict,
        decided_at=NOW,
        decided_by="usr_1",
        confirmed_by="usr_2",
    )

    assert counts(stored(bank, (SIN, "1"))) == found


def test_finds_what_is_on_watch_lists_and_nothing_else() -> None:
    bank = make_institution()
    listed, other = stored(bank, (PHONE, "a"), (SIN, "1")), stored(bank, (PHONE, "b"))
    for element in FraudElement.objects.filter(application=listed):
        WatchEntry.objects.create(
            institution=bank,
            listed="suspect",
            kind=element.kind,
            token=element.token,
            reason="pattern",
            added_at=NOW,
            added_by="usr_1",
        )

    assert watch_hits([listed.pk, other.pk]) == {listed.pk: ["suspect", "suspect"]}
