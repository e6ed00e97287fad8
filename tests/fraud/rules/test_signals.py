"""What rules ask about: each signal beside the application that does not have it."""

from typing import Any

import pytest

from fraud.rules.consortium import RecordRole, Tier
from fraud.rules.rulebook.fields import BLANK, FIELDS
from fraud.rules.signals import facts, own_facts
from tests.fraud.rules.rulebook.test_compiler import hit
from tests.makers_fraud import NOW, canonical, party


def drawn(*parties: Any, **more: Any) -> Any:
    return {**BLANK, **own_facts(canonical(parties=list(parties) or [party()], **more))}


def living(**more: Any) -> Any:
    place = {"line": "123 Main St", "city": "Toronto", "province": "ON", "postal_code": "M5V 2T6"}
    return party(addresses=[place | more], phones=[{"number": "+14165550123"}])


@pytest.mark.parametrize(
    ("field", "value", "person"),
    [
        ("age", 37, party()),
        ("age", None, party(birth_date=None)),
        ("income", 5_200_000, party(income=5_234_567)),
        ("amount_to_income", 9, party()),
        ("amount_to_income", None, party(income=0)),
        ("sin_kind", "temporary", party(national_id="900000001")),
        ("sin_kind", "business", party(national_id="800000002")),
        ("sin_kind", "resident", party(national_id="130692544")),
        ("sin_kind", None, party(national_id="")),
        ("has_sin", False, party(national_id="")),
        ("has_email", False, party(emails=[])),
        ("has_phone", False, party(phones=[])),
        ("has_bank_account", False, party(bank_account=None)),
        ("is_minor", True, party(birth_date="2008-03-03")),
        ("is_minor", False, party(birth_date="2008-03-02")),
        ("age_is_unlikely", True, party(birth_date="2027-01-01")),
        ("age_is_unlikely", True, party(birth_date="1899-01-01")),
        ("age_is_unlikely", False, party(birth_date="1931-01-01")),
        ("employment_unlikely_for_age", True, party(birth_date="1990-01-01", employment="retired")),
        ("employment_unlikely_for_age", False, party(birth_date="1950-01-01", employment="retired")),
        ("income_unlikely", True, party(employment="student", income=20_000_000)),
        ("income_unlikely", False, party(employment="student", income=1_000_000)),
        ("email_is_disposable", True, party(emails=["a@example.com", "b@MAILINATOR.com"])),
        ("email_is_disposable", True, party(emails=["b@x.mailinator.com"])),
        ("email_is_disposable", False, party()),
        ("address_is_po_box", True, living(line="P.O. Box 12")),
        ("address_is_po_box", True, living(line="Case postale 12, succ. A")),
        ("address_is_po_box", True, living(line="C.P. 12")),
        ("address_is_po_box", False, living(line="12 Boxwood Road")),
        ("address_is_foreign", True, living(country="US")),
        ("address_is_foreign", False, living()),
        ("postal_province_differs", True, living(postal_code="V5K 0A1")),
        ("postal_province_differs", False, living()),
        ("postal_province_differs", False, living(province="")),
        ("phone_province_differs", True, living(province="BC", postal_code="V5K 0A1")),
        ("phone_province_differs", False, living()),
        ("phone_is_foreign", True, party(phones=[{"number": "+33142685300"}])),
        ("phone_is_foreign", False, party()),
    ],
)
def test_draws_a_signal_from_an_application(field: str, value: Any, person: Any) -> None:
    assert drawn(person)[field] == value


def test_two_people_share_a_social_insurance_number() -> None:
    assert drawn(party(), party(role="joint"))["parties_share_sin"]
    assert not drawn(party(), party(role="joint", national_id="130692544"))["parties_share_sin"]


def test_what_anybody_on_the_application_has_counts() -> None:
    assert drawn(party(), party(role="joint", birth_date="2012-01-01"))["is_minor"]


def test_facts_name_nobody() -> None:
    known = own_facts(canonical())

    assert set(known) <= set(FIELDS)
    person = party()
    written = str(known)
    assert not [
        value
        for value in person.values()
        if isinstance(value, str) and value in written and value != "employed"
    ]


def test_puts_together_every_field_of_the_catalogue() -> None:
    whole = facts(own_facts(canonical()), submitted_at=NOW, hits=(), velocity={"same_sin_7d": 2})

    assert set(whole) == set(BLANK)
    assert whole["same_sin_7d"] == 2


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        (hit(), {"strong_hits": 1, "hits_synthetic_identity": 1, "newest_hit_months": 2}),
        (hit(tier=Tier.PROBABLE), {"strong_hits": 0, "probable_hits": 1}),
        (hit(is_disputed=True), {"strong_hits": 0, "disputed_hits": 1, "newest_hit_months": None}),
        (hit(role=RecordRole.VICTIM), {"strong_hits": 0, "victim_hits": 1}),
        (hit(is_own=True), {"strong_hits": 1, "own_hits": 1}),
        (hit(month="2026-09"), {"newest_hit_months": 0}),
    ],
)
def test_counts_what_the_consortium_told(told: Any, counts: Any) -> None:
    whole = facts({}, submitted_at=NOW, hits=(told,))

    assert {name: whole[name] for name in counts} == counts


def test_counts_what_is_on_watch_lists() -> None:
    whole = facts({}, submitted_at=NOW, hits=(), watch_hits=["suspect", "suspect", "trusted"])

    assert (whole["watch_suspect"], whole["watch_trusted"], whole["watch_known_fraud"]) == (2, 1, 0)
