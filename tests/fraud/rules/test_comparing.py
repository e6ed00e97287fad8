"""One applicant beside another: same, close and different, whatever hides behind the masks."""

from typing import Any

import pytest

from fraud.rules.canonical import Party
from fraud.rules.comparing import Mark, compared, counterpart
from tests.makers_fraud import canonical, party


def person(**facts: Any) -> Party:
    return canonical(parties=[party(**facts)]).main


def mark_of(field: str, **facts: Any) -> Mark:
    found = {each.field: each for each in compared(person(), person(**facts))}
    return found[field].mark


def test_somebody_is_the_same_as_themselves() -> None:
    assert {each.mark for each in compared(person(), person())} == {Mark.SAME}


@pytest.mark.parametrize(
    ("field", "facts", "mark"),
    [
        ("given_name", {"given_name": "GENEVIEVE"}, Mark.SAME),
        ("given_name", {"given_name": "Genevive"}, Mark.CLOSE),
        ("given_name", {"given_name": "Luc"}, Mark.DIFFERENT),
        ("birth_date", {"birth_date": "1988-09-04"}, Mark.CLOSE),
        ("birth_date", {"birth_date": "1988-04-08"}, Mark.CLOSE),
        ("birth_date", {"birth_date": "1971-12-30"}, Mark.DIFFERENT),
        ("national_id", {"national_id": "046454268"}, Mark.CLOSE),
        ("national_id", {"national_id": "130692544"}, Mark.DIFFERENT),
        ("phone", {"phones": [{"number": "+14165550199"}, {"number": "+15145550123"}]}, Mark.SAME),
        ("email", {"emails": ["g.trembley@example.com"]}, Mark.CLOSE),
        ("employment", {"employment": "self-employed"}, Mark.DIFFERENT),
        ("income", {"income": 9_900_000}, Mark.DIFFERENT),
        ("bank_account", {"bank_account": {"institution": "003", "number": "1234567"}}, Mark.DIFFERENT),
        ("bank_account", {"bank_account": None}, Mark.HERE),
        ("middle_name", {"middle_name": "Anne"}, Mark.THERE),
    ],
)
def test_values_compare_by_what_they_say(field: str, facts: dict[str, Any], mark: Mark) -> None:
    assert mark_of(field, **facts) is mark


def test_what_neither_has_is_left_out() -> None:
    nothing = {"middle_name": "", "employer": ""}

    assert not {"middle_name", "employer"} & {
        each.field for each in compared(person(**nothing), person(**nothing))
    }


def test_no_value_is_shown_whole() -> None:
    shown = str([(each.here, each.there) for each in compared(person(), person(employer="Garage Roy"))])

    for secret in (
        "Geneviève",
        "Tremblay",
        "046454286",
        "1988-04",
        "rue Principale",
        "5550123",
        "1234567",
        "5200000",
    ):
        assert secret not in shown


def test_the_person_beside_is_the_one_who_is_most_alike() -> None:
    spouse = party(given_name="Luc", family_name="Roy", national_id="130692544", role="main")
    told = canonical(parties=[spouse, party(role="joint")])

    assert counterpart(person(), told) is told.parties[1]
