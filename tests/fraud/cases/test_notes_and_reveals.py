"""Notes are sealed with what they are about, and whoever sees an applicant leaves an entry."""

import pytest

from fraud.models import CaseNote, Institution
from fraud.operations.cases.noting import note_on_case
from fraud.operations.cases.revealing import RevealReason, reveal_party
from fraud.queries.cases import notes_of
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError
from portal.keys.models import SubjectKey
from portal.keys.sealed import ErasedError
from tests import makers
from tests.makers_fraud import NOW, make_application, make_case

pytestmark = pytest.mark.django_db


def test_a_note_is_sealed_and_read_again(bank_a: Institution, analyst: Actor) -> None:
    case = make_case(bank_a)

    note_on_case(case, text="Geneviève says that she never applied.", by=analyst, now=NOW)

    assert [text for _note, text in notes_of(case)] == ["Geneviève says that she never applied."]
    assert "Geneviève".encode() not in bytes(CaseNote.objects.get().sealed)
    assert "Genev" not in str(Entry.objects.get(act="case.noted").facts)


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "a" * 4_001])
def test_refuses_a_note_without_words_or_an_essay(bank_a: Institution, analyst: Actor, text: str) -> None:
    with pytest.raises(InvalidError):
        note_on_case(make_case(bank_a), text=text, by=analyst, now=NOW)


def test_refuses_a_note_on_a_case_of_another_bank(bank_a: Institution, analyst_of_b: Actor) -> None:
    with pytest.raises(ForbiddenError):
        note_on_case(make_case(bank_a), text="Seen.", by=analyst_of_b, now=NOW)


def test_the_notes_go_with_the_applicants_key(bank_a: Institution, analyst: Actor) -> None:
    case = make_case(bank_a)
    note_on_case(case, text="Seen.", by=analyst, now=NOW)

    SubjectKey.objects.filter(subject=case.application.public_id).update(wrapped=None, destroyed_at=NOW)

    assert [text for _note, text in notes_of(case)] == [""]
    with pytest.raises(ErasedError):
        note_on_case(case, text="Seen again.", by=analyst, now=NOW)


def test_whoever_sees_an_applicant_leaves_an_entry(bank_a: Institution, analyst: Actor) -> None:
    application = make_application(bank_a)

    party = reveal_party(application, 0, reason=RevealReason.CASE, by=analyst, now=NOW)

    entry = Entry.objects.get(act="application.revealed")
    assert party.family_name == "Tremblay"
    assert (entry.facts["reason"], entry.facts["party"]) == ("case", 0)
    assert "national_id" in entry.facts["fields"]
    assert "Tremblay" not in str(entry.facts)


def test_an_operator_does_not_see_applicants(bank_a: Institution) -> None:
    operator = makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())

    with pytest.raises(ForbiddenError):
        reveal_party(make_application(bank_a), 0, reason=RevealReason.CASE, by=operator, now=NOW)


def test_refuses_a_person_whom_the_application_does_not_have(bank_a: Institution, analyst: Actor) -> None:
    with pytest.raises(InvalidError):
        reveal_party(make_application(bank_a), 1, reason=RevealReason.CASE, by=analyst, now=NOW)
