"""Taking applications in: once each, sealed, and in an order that does not depend on who was faster."""

from datetime import datetime, timedelta

import pytest

from fraud.models import Application, FraudElement, Institution
from fraud.rules.canonical import to_json
from fraud.screening.intake import Incoming, Taken, reopen, take
from portal.accounts.actors import SYSTEM
from portal.keys.models import SubjectKey
from tests.makers_fraud import NOW, canonical, make_institution, party

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)


def taken(institution: Institution, *given: Incoming, arrived_at: datetime = NOW) -> list[Taken]:
    return take(institution, given, arrived_at=arrived_at, by=SYSTEM, now=arrived_at)


def test_stores_an_application_once_with_its_key_and_its_tokens() -> None:
    bank = make_institution()

    (first,) = taken(bank, Incoming(canonical()))
    (again,) = taken(bank, Incoming(canonical()), arrived_at=LATER)

    row = Application.objects.get()
    assert (first.is_new, first.fits, again.is_new, again.fits) == (True, True, False, True)
    assert first.id == again.id == row.pk
    assert again.arrived_at == NOW
    assert SubjectKey.objects.filter(pk=row.public_id).count() == 1
    assert FraudElement.objects.filter(application=row).count() == FraudElement.objects.count() > 0


def test_keeps_nothing_of_a_person_in_the_open() -> None:
    taken(make_institution(), Incoming(canonical()))

    row = Application.objects.values().get()
    assert b"Tremblay" not in bytes(row["sealed"])
    assert not {"046454286", "Tremblay"} & {str(value) for value in row.values()}


def test_opens_what_it_sealed() -> None:
    bank = make_institution()
    taken(bank, Incoming(canonical("A-1")), Incoming(canonical("A-2"), 2))

    opened = reopen(bank, list(Application.objects.order_by("-pk")))

    assert [each.canonical for each in opened] == [canonical("A-2"), canonical("A-1")]
    assert opened[0].row_number == 2


def test_says_that_other_facts_do_not_fit_a_reference() -> None:
    bank = make_institution()
    taken(bank, Incoming(canonical()))

    (other,) = taken(bank, Incoming(canonical(amount=500_001)))

    assert (other.is_new, other.fits) == (False, False)
    assert Application.objects.get().amount == 500_000


def test_stores_the_first_of_two_with_one_reference_in_a_chunk() -> None:
    bank = make_institution()

    first, same, other = taken(
        bank, Incoming(canonical(), 1), Incoming(canonical(), 2), Incoming(canonical(amount=7), 3)
    )

    assert [each.is_new for each in (first, same, other)] == [True, False, False]
    assert [each.fits for each in (first, same, other)] == [True, True, False]
    assert Application.objects.get().row_number == 1


def test_one_reference_at_two_institutions_is_two_applications() -> None:
    (one,) = taken(make_institution("bank-a"), Incoming(canonical()))
    (other,) = taken(make_institution("bank-b"), Incoming(canonical()))

    assert one.public_id != other.public_id
    assert FraudElement.objects.values("token").distinct().count() == FraudElement.objects.count()


def test_takes_many_in_one_go() -> None:
    bank = make_institution()
    many = [Incoming(canonical(f"A-{number}", parties=[party()]), number) for number in range(500)]

    found = taken(bank, *many)

    assert [each.canonical.reference for each in found] == [f"A-{number}" for number in range(500)]
    assert len({each.public_id for each in found}) == Application.objects.count() == 500
    assert to_json(reopen(bank, list(Application.objects.order_by("row_number")))[499].canonical) == to_json(
        canonical("A-499")
    )
