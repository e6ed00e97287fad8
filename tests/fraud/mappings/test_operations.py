"""Mappings from a draft to what counts: two people, golden samples that pass, and a way back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from fraud.models import GoldenSample, Institution, Mapping, MappingDrift, MappingVersion
from fraud.operations.mappings.drafting import (
    MappingThereError,
    SavedMeanwhileError,
    add_golden_sample,
    create_mapping,
    discard_mapping_draft,
    remove_golden_sample,
    save_mapping_draft,
)
from fraud.operations.mappings.drifting import add_drift
from fraud.operations.mappings.publishing import (
    GoldenSampleError,
    MappingProblemsError,
    ask_to_publish_mapping,
    retire_mapping,
    roll_back_mapping,
)
from fraud.queries.mappings import (
    drift_warnings,
    history,
    live_mapping,
    mappings,
    sample_results,
    visible_mapping,
)
from fraud.rules.mapping_states import VersionState
from fraud.rules.translation import Direction, checksum, compile_mapping
from fraud.rules.translation.drift import DriftWatch, Seen
from portal.accounts.actors import Actor
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request, refuse_request
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, FourEyesError, InvalidError, NotFoundError, WrongStateError
from portal.keys.models import SubjectKey
from tests.fraud.rules.translation.sample import ROW, document, field
from tests.makers_fraud import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def published(version: MappingVersion, lead: Actor, second_lead: Actor) -> MappingVersion:
    ask_to_publish_mapping(version, by=lead, now=NOW)
    approve_request(question(version), by=second_lead, now=LATER)
    version.refresh_from_db()
    return version


def question(version: MappingVersion) -> Approval:
    return Approval.objects.filter(subject_id=version.public_id).latest("pk")


def test_two_people_publish_a_draft_and_it_counts(
    draft: MappingVersion, bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    version = published(draft, lead, second_lead)

    live = live_mapping(bank_a, "cards-csv")
    assert (version.state, version.published_by) == (VersionState.PUBLISHED, second_lead.id)
    assert (live.version_id, live.compiled.checksum) == (version.pk, version.checksum)
    assert live.compiled.translate(ROW).application.reference == "A-77"


def test_nobody_publishes_their_own_mapping(draft: MappingVersion, bank_a: Institution, lead: Actor) -> None:
    ask_to_publish_mapping(draft, by=lead, now=NOW)

    with pytest.raises(FourEyesError):
        approve_request(question(draft), by=lead, now=LATER)

    with pytest.raises(NotFoundError):
        live_mapping(bank_a, "cards-csv")


def test_a_refused_version_is_a_draft_again(draft: MappingVersion, lead: Actor, second_lead: Actor) -> None:
    ask_to_publish_mapping(draft, by=lead, now=NOW)
    refuse_request(question(draft), reason="Dates are wrong", by=second_lead, now=LATER)

    draft.refresh_from_db()
    assert draft.state == VersionState.DRAFT


def test_a_draft_with_problems_is_kept_and_not_published(mapping: Mapping, lead: Actor) -> None:
    version = save_mapping_draft(mapping, document([field("reference", "")]), by=lead, now=NOW)

    with pytest.raises(MappingProblemsError) as refused:
        ask_to_publish_mapping(version, by=lead, now=NOW)

    assert list(refused.value.fields) == ["fields[0].source"]


def test_a_draft_is_replaced_until_it_waits(draft: MappingVersion, mapping: Mapping, lead: Actor) -> None:
    again = save_mapping_draft(mapping, document(empty_values=["-"]), by=lead, now=LATER)
    ask_to_publish_mapping(again, by=lead, now=LATER)

    with pytest.raises(WrongStateError):
        save_mapping_draft(mapping, document(), by=lead, now=LATER)

    assert (again.pk, again.number) == (draft.pk, 1)


def test_a_draft_is_not_written_over_another_base(
    draft: MappingVersion, mapping: Mapping, lead: Actor, second_lead: Actor
) -> None:
    mine = document(empty_values=["-"])
    save_mapping_draft(mapping, mine, base=draft.checksum, by=lead, now=LATER)

    with pytest.raises(SavedMeanwhileError):
        save_mapping_draft(
            mapping, document(empty_values=["?"]), base=draft.checksum, by=second_lead, now=LATER
        )

    assert mapping.versions.get().checksum == checksum(mine)


def test_a_first_draft_is_not_written_over_by_who_began_with_nothing(
    draft: MappingVersion, mapping: Mapping, second_lead: Actor
) -> None:
    with pytest.raises(SavedMeanwhileError):
        save_mapping_draft(mapping, document(empty_values=["?"]), base="", by=second_lead, now=LATER)


def test_what_was_published_meanwhile_is_not_taken_back_by_a_draft_of_the_one_before(
    draft: MappingVersion, mapping: Mapping, lead: Actor, second_lead: Actor
) -> None:
    before = draft.checksum
    published(draft, lead, second_lead)
    newer = save_mapping_draft(mapping, document(empty_values=["-"]), base=before, by=lead, now=LATER)
    published(newer, lead, second_lead)

    with pytest.raises(SavedMeanwhileError):
        save_mapping_draft(mapping, document(empty_values=["?"]), base=before, by=second_lead, now=LATER)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(
    draft: MappingVersion, mapping: Mapping, lead: Actor, second_lead: Actor
) -> None:
    def save(who: Actor, words: str) -> bool:
        try:
            save_mapping_draft(
                mapping, document(empty_values=[words]), base=draft.checksum, by=who, now=LATER
            )
        except SavedMeanwhileError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        saved = sorted(pool.map(save, (lead, second_lead), ("-", "?")))

    assert saved == [False, True]


def test_a_golden_sample_keeps_a_mapping_from_changing_unnoticed(
    draft: MappingVersion, mapping: Mapping, lead: Actor, second_lead: Actor
) -> None:
    add_golden_sample(draft, ROW, name="Card, one applicant", by=lead, now=NOW)
    published(draft, lead, second_lead)
    lower = document([field("parties[0].family_name", "Nom", {"step": "case", "to": "upper"})])
    version = save_mapping_draft(mapping, lower, by=lead, now=LATER)

    with pytest.raises(GoldenSampleError):
        ask_to_publish_mapping(version, by=lead, now=LATER)

    assert [each.has_passed for each in sample_results(mapping, lower)] == [False]
    assert [each.has_passed for each in sample_results(mapping, document())] == [True]


def test_a_golden_sample_is_sealed_and_goes_with_its_key(draft: MappingVersion, lead: Actor) -> None:
    sample = add_golden_sample(draft, ROW, name="Card", by=lead, now=NOW)
    kept = GoldenSample.objects.get(pk=sample.pk)
    assert b"046 454 286" not in bytes(kept.sealed_record) + bytes(kept.sealed_expected)

    remove_golden_sample(sample, by=lead, now=LATER)

    assert not GoldenSample.objects.exists()
    assert SubjectKey.objects.get(subject=sample.public_id).wrapped is None
    assert not any("046" in str(facts) for facts in Entry.objects.values_list("facts", flat=True))


@pytest.mark.parametrize(("row", "name"), [(ROW | {"NAS": "1"}, "Card"), (ROW, " "), (ROW, "x" * 81)])
def test_a_golden_sample_must_pass_and_have_a_name(
    draft: MappingVersion, lead: Actor, row: dict[str, str], name: str
) -> None:
    with pytest.raises(InvalidError):
        add_golden_sample(draft, row, name=name, by=lead, now=NOW)


def test_two_samples_have_two_names(draft: MappingVersion, lead: Actor) -> None:
    add_golden_sample(draft, ROW, name="Card", by=lead, now=NOW)

    with pytest.raises(MappingThereError):
        add_golden_sample(draft, ROW, name="Card", by=lead, now=NOW)


def test_an_older_version_comes_back_as_a_new_one(
    draft: MappingVersion, mapping: Mapping, bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    first = published(draft, lead, second_lead)
    second = published(
        save_mapping_draft(mapping, document(empty_values=["-"]), by=lead, now=NOW), lead, second_lead
    )

    restored = roll_back_mapping(first, by=second_lead, now=LATER)
    approve_request(question(restored), by=lead, now=LATER)

    assert live_mapping(bank_a, "cards-csv").version_id == restored.pk
    assert (restored.checksum, restored.restores) == (first.checksum, 1)
    assert [each.number for each in history(mapping)] == [3, 2, 1]
    assert MappingVersion.objects.get(pk=second.pk).state == VersionState.PUBLISHED


def test_what_counts_is_not_brought_back(draft: MappingVersion, lead: Actor, second_lead: Actor) -> None:
    first = published(draft, lead, second_lead)

    with pytest.raises(WrongStateError):
        roll_back_mapping(first, by=lead, now=LATER)


def test_a_retired_mapping_counts_no_more_and_frees_its_name(
    draft: MappingVersion, mapping: Mapping, bank_a: Institution, lead: Actor, second_lead: Actor
) -> None:
    published(draft, lead, second_lead)

    retire_mapping(mapping, by=lead, now=LATER)

    with pytest.raises(NotFoundError):
        live_mapping(bank_a, "cards-csv")
    assert create_mapping(bank_a, name="cards-csv", direction=Direction.INBOUND, by=lead, now=LATER)


def test_a_discarded_draft_makes_room(draft: MappingVersion, mapping: Mapping, lead: Actor) -> None:
    discard_mapping_draft(draft, by=lead, now=LATER)

    assert save_mapping_draft(mapping, document(), by=lead, now=LATER).number == 2


@pytest.mark.parametrize("name", ["", "Cards", "a b", "canonical", "x" * 41])
def test_a_name_is_plain_and_not_ours(bank_a: Institution, lead: Actor, name: str) -> None:
    with pytest.raises(InvalidError):
        create_mapping(bank_a, name=name, direction=Direction.INBOUND, by=lead, now=NOW)


def test_one_institution_has_a_name_once(mapping: Mapping, bank_a: Institution, lead: Actor) -> None:
    with pytest.raises(MappingThereError):
        create_mapping(bank_a, name="cards-csv", direction=Direction.INBOUND, by=lead, now=NOW)


def test_others_neither_see_nor_write_a_mapping(
    mapping: Mapping, lead: Actor, lead_of_b: Actor, analyst: Actor
) -> None:
    with pytest.raises(NotFoundError):
        visible_mapping(lead_of_b, mapping.public_id)
    for stranger in (lead_of_b, analyst):
        with pytest.raises(ForbiddenError):
            save_mapping_draft(mapping, document(), by=stranger, now=NOW)

    assert list(mappings(lead)) == [mapping]
    assert list(mappings(lead_of_b)) == []


def test_canonical_json_needs_no_row(bank_a: Institution) -> None:
    assert live_mapping(bank_a).version_id is None


def test_drift_adds_up_by_day_and_warns(draft: MappingVersion, mapping: Mapping, lead: Actor) -> None:
    watch = DriftWatch(compile_mapping(document()))
    for _each in range(60):
        watch.see(ROW | {"Courriel": "", "Neu": "x"})
    usual = Seen(records=100, empty={"Tel2": 100, "Co-prénom": 100, "Co-nom": 100})

    add_drift(draft, usual, now=NOW - timedelta(days=1))
    add_drift(draft, watch.seen, now=NOW)
    add_drift(draft, watch.seen, now=NOW)

    assert MappingDrift.objects.get(day=NOW.date()).seen["records"] == 120
    assert [(each.code, each.source) for each in drift_warnings(mapping, NOW.date())] == [
        ("unknown-field", "Neu"),
        ("emptier", "Courriel"),
    ]
