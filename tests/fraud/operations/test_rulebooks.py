"""Rulebooks from draft to force: by two people, immutable from then on, and back again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from fraud.models import Institution, Rulebook, RulebookVersion
from fraud.operations.rulebooks import (
    SavedMeanwhileError,
    ask_to_publish_rulebook,
    clear_shadow,
    discard_rulebook_draft,
    roll_back_rulebook,
    save_rulebook_draft,
    set_shadow,
)
from fraud.queries.rulebooks import books, document_of, rulebooks
from fraud.rules.rulebook import RulebookDocument, default_document
from fraud.rules.rulebook.document import Bands
from fraud.rules.rulebook.states import VersionState
from fraud.rules.signals import facts
from portal.accounts.actors import Actor
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request, refuse_request, withdraw_request
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, FourEyesError, InvalidError, WrongStateError
from tests.fraud.rules.rulebook.test_compiler import book, rule
from tests.makers_fraud import NOW

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)
STRICT = book(rule(weight=900))
MILD = book(rule(weight=10))


def saved(bank: Institution, by: Actor, document: RulebookDocument = STRICT, **more: Any) -> RulebookVersion:
    return save_rulebook_draft(bank, document, by=by, now=NOW, **more)


def published(
    bank: Institution, lead: Actor, second: Actor, document: RulebookDocument = STRICT
) -> RulebookVersion:
    version = saved(bank, lead, document)
    approve_request(ask_to_publish_rulebook(version, by=lead, now=NOW), by=second, now=LATER)
    version.refresh_from_db()
    return version


def score(bank: Institution) -> int:
    decision, _shadow = books(bank).decide(
        facts({"is_minor": True, "has_sin": True}, submitted_at=NOW, hits=())
    )
    return decision.score


def test_the_default_decides_until_the_first_is_published(bank_a: Institution) -> None:
    assert books(bank_a).live.version is None
    assert score(bank_a) == 400


def test_a_draft_decides_nothing(bank_a: Institution, lead: Actor) -> None:
    saved(bank_a, lead)

    assert score(bank_a) == 400


def test_what_two_people_publish_decides(bank_a: Institution, lead: Actor, second_lead: Actor) -> None:
    version = published(bank_a, lead, second_lead)

    assert (version.state, version.number, version.published_by) == (
        VersionState.PUBLISHED,
        1,
        second_lead.id,
    )
    assert score(bank_a) == 900
    assert books(bank_a).live.version == version.pk
    assert document_of(version) == STRICT
    acts = set(
        Entry.objects.filter(subject_id=Rulebook.objects.get().public_id).values_list("act", flat=True)
    )
    assert acts == {f"rulebook.{verb}" for verb in ("created", "changed", "asked_for", "published")}


def test_whoever_asks_does_not_sign(bank_a: Institution, lead: Actor, second_lead: Actor) -> None:
    approval = ask_to_publish_rulebook(saved(bank_a, lead), by=lead, now=NOW)

    with pytest.raises(FourEyesError):
        approve_request(approval, by=lead, now=LATER)
    assert score(bank_a) == 400


@pytest.mark.parametrize("how", [refuse_request, withdraw_request])
def test_what_is_refused_or_taken_back_is_a_draft_again(
    how: Any, bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    version = saved(bank_a, lead)
    approval = ask_to_publish_rulebook(version, by=lead, now=NOW)

    how(approval, reason="Too strict", by=second_lead, now=LATER)

    version.refresh_from_db()
    assert version.state == VersionState.DRAFT
    assert saved(bank_a, lead, MILD).pk == version.pk


def test_refuses_to_publish_what_has_problems(bank_a: Institution, lead: Actor) -> None:
    version = saved(bank_a, lead, book(rule(reason="no-such"), bands=Bands(review=700, refer=600)))

    with pytest.raises(InvalidError) as refusal:
        ask_to_publish_rulebook(version, by=lead, now=NOW)
    assert sorted(refusal.value.fields) == ["bands.review", "rules.0.reason"]


def test_one_draft_at_a_time_is_written_over(bank_a: Institution, lead: Actor) -> None:
    first = saved(bank_a, lead)
    again = saved(bank_a, lead, MILD, base=first.checksum)

    assert again.pk == first.pk
    assert document_of(again) == MILD


def test_nobody_writes_over_what_somebody_else_saved(
    bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    first = saved(bank_a, lead)
    saved(bank_a, second_lead, MILD, base=first.checksum)

    with pytest.raises(SavedMeanwhileError):
        saved(bank_a, lead, STRICT, base=first.checksum)


def test_the_database_itself_keeps_what_is_published(
    bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    version = published(bank_a, lead, second_lead)

    with pytest.raises(DatabaseError), transaction.atomic():
        RulebookVersion.objects.filter(pk=version.pk).update(document={})
    with pytest.raises(DatabaseError), transaction.atomic():
        RulebookVersion.objects.filter(pk=version.pk).delete()
    assert RulebookVersion.objects.filter(pk=saved(bank_a, lead).pk).update(note="x") == 1


def test_an_older_version_comes_back_as_a_new_one(
    bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    older = published(bank_a, lead, second_lead)
    published(bank_a, lead, second_lead, MILD)
    draft = saved(bank_a, lead, default_document())

    again = roll_back_rulebook(older, by=lead, now=LATER)
    assert score(bank_a) == 10
    approve_request(Approval.objects.get(subject_id=again.public_id), by=second_lead, now=LATER)

    assert score(bank_a) == 900
    assert (again.number, again.restores_id, again.checksum) == (4, older.pk, older.checksum)
    assert RulebookVersion.objects.get(pk=draft.pk).state == VersionState.DRAFT


def test_does_not_bring_back_what_decides_already(
    bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    with pytest.raises(WrongStateError):
        roll_back_rulebook(published(bank_a, lead, second_lead), by=lead, now=LATER)


def test_a_way_back_that_is_refused_leaves_nothing(
    bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    older = published(bank_a, lead, second_lead)
    published(bank_a, lead, second_lead, MILD)
    again = roll_back_rulebook(older, by=lead, now=LATER)
    refuse_request(Approval.objects.get(subject_id=again.public_id), reason="No", by=second_lead, now=LATER)

    assert not RulebookVersion.objects.filter(pk=again.pk).exists()


def test_one_version_waits_at_a_time(bank_a: Institution, lead: Actor) -> None:
    ask_to_publish_rulebook(saved(bank_a, lead), by=lead, now=NOW)
    other = saved(bank_a, lead, MILD)

    with pytest.raises(WrongStateError):
        ask_to_publish_rulebook(other, by=lead, now=NOW)


def test_a_shadow_says_what_it_would_and_decides_nothing(bank_a: Institution, lead: Actor) -> None:
    version = saved(bank_a, lead)
    set_shadow(version, by=lead, now=NOW)

    decision, shadow = books(bank_a).decide(
        facts({"is_minor": True, "has_sin": True}, submitted_at=NOW, hits=())
    )

    assert decision.score == 400
    assert shadow is not None
    assert (shadow.version, shadow.score) == (version.pk, 900)


def test_a_broken_shadow_harms_no_decision(bank_a: Institution, lead: Actor) -> None:
    version = saved(bank_a, lead)
    set_shadow(version, by=lead, now=NOW)
    RulebookVersion.objects.filter(pk=version.pk).update(document={"rules": "none"})

    assert books(bank_a).shadow is None
    assert score(bank_a) == 400


def test_a_draft_in_the_shadow_stays_as_it_is(bank_a: Institution, lead: Actor) -> None:
    set_shadow(saved(bank_a, lead), by=lead, now=NOW)

    with pytest.raises(WrongStateError):
        saved(bank_a, lead, MILD)

    clear_shadow(Rulebook.objects.get(), by=lead, now=LATER)
    assert document_of(saved(bank_a, lead, MILD)) == MILD


def test_what_decides_does_not_shadow_itself(bank_a: Institution, lead: Actor, second_lead: Actor) -> None:
    version = saved(bank_a, lead)
    set_shadow(version, by=lead, now=NOW)
    approve_request(ask_to_publish_rulebook(version, by=lead, now=NOW), by=second_lead, now=LATER)

    version.refresh_from_db()
    assert books(bank_a).shadow is None
    with pytest.raises(WrongStateError):
        set_shadow(version, by=lead, now=LATER)


def test_a_draft_can_be_thrown_away_and_a_published_one_not(
    bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    kept = published(bank_a, lead, second_lead)
    draft = saved(bank_a, lead, MILD)

    discard_rulebook_draft(draft, by=lead, now=NOW)

    assert list(RulebookVersion.objects.all()) == [kept]
    with pytest.raises(WrongStateError):
        discard_rulebook_draft(kept, by=lead, now=NOW)


def test_others_neither_see_nor_write_it(
    bank_a: Institution, lead: Actor, analyst: Actor, lead_of_b: Actor
) -> None:
    version = saved(bank_a, lead)

    assert rulebooks(lead).count() == 1
    assert not rulebooks(lead_of_b).exists()
    for stranger in (analyst, lead_of_b):
        with pytest.raises(ForbiddenError):
            saved(bank_a, stranger)
        with pytest.raises(ForbiddenError):
            ask_to_publish_rulebook(version, by=stranger, now=NOW)
        with pytest.raises(ForbiddenError):
            set_shadow(version, by=stranger, now=NOW)


def test_a_draft_that_nobody_could_read_again_is_not_kept(bank_a: Institution, lead: Actor) -> None:
    most = book(*(rule(name=str(number)) for number in range(200)))
    too_many = book(*(rule(name=str(number)) for number in range(201)))

    with pytest.raises(InvalidError, match="at most 200 rules"):
        saved(bank_a, lead, too_many)
    assert document_of(saved(bank_a, lead, most)) == most
