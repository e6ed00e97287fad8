"""Access and erasure: found by what they are known by, handed out, erased by two; holds refuse, the trail keeps."""

import json

import pytest
from django.core.management import call_command

from campaigns.models import Redemption
from campaigns.operations.redemption import redeem_code
from campaigns.retention import MEMBERS
from portal.accounts.models import Membership, User
from portal.accounts.operations.access import deactivate_person
from portal.accounts.operations.people import LastOperatorError
from portal.accounts.roles import Role
from portal.approvals.operations import approve_request
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, FourEyesError, InvalidError, NotFoundError, WrongStateError
from portal.keys.models import Certificate, SubjectKey
from portal.keys.sealed import ErasedError, subject_key
from portal.retention.operations.holds import ask_to_lift, hold_organization, hold_subject
from portal.retention.operations.subjects import HeldError, ask_to_erase, export_subject, find_subject
from portal.retention.people import PEOPLE
from portal.retention.subjects import subject_with
from tests import makers
from tests.makers import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def privacy(mexico):
    return makers.an_actor("Petra Privacy", Role.PRIVACY, mexico)


@pytest.fixture
def another(mexico):
    return makers.an_actor("Paul Privacy", Role.PRIVACY, mexico)


@pytest.fixture
def officer():
    return makers.an_actor("Olivia Officer", Role.PRIVACY, makers.make_house())


@pytest.fixture
def batch(mexico, press):
    return makers.active_batch(makers.make_campaign(market=mexico), printer=press)


@pytest.fixture
def member(batch, marketer):
    """Somebody who has redeemed a code."""
    redeem_code(
        makers.a_code(batch), member="ana@example.com", campaign=batch.campaign.slug, by=marketer, now=NOW
    )
    return Redemption.objects.get().member


def erased(member, by, also_by, now=NOW):
    approval = ask_to_erase(member.public_id, by=by, now=now)
    approve_request(approval, by=also_by, now=now)
    member.refresh_from_db()
    return member


# ── Finding ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_is_found_by_their_reference_within_a_market(member, mexico, privacy):
    found = find_subject(MEMBERS, " ana@example.com ", organization=mexico, by=privacy, now=NOW)

    assert (found.public_id, found.place) == (member.public_id, {"market": mexico.pk})


def test_a_look_up_is_recorded_without_what_was_typed(member, mexico, privacy):
    find_subject(MEMBERS, "ana@example.com", organization=mexico, by=privacy, now=NOW)
    find_subject(MEMBERS, "nobody@example.com", organization=mexico, by=privacy, now=NOW)

    entries = list(Entry.objects.filter(act="subject.looked_up").order_by("id"))
    assert [(entry.subject_id, entry.facts["found"]) for entry in entries] == [
        (member.public_id, True),
        (mexico.public_id, False),
    ]
    assert "example.com" not in json.dumps([entry.facts for entry in entries])


def test_the_same_reference_in_another_market_is_somebody_else(member, canada):
    elsewhere = makers.an_actor("Carl Privacy", Role.PRIVACY, canada)

    assert (
        find_subject(MEMBERS, "ana@example.com", organization=canada, by=elsewhere, now=NOW).public_id == ""
    )


def test_an_officer_of_another_market_does_not_look_here(member, mexico, canada):
    elsewhere = makers.an_actor("Carl Privacy", Role.PRIVACY, canada)

    with pytest.raises(ForbiddenError):
        find_subject(MEMBERS, "ana@example.com", organization=mexico, by=elsewhere, now=NOW)
    with pytest.raises(NotFoundError):
        export_subject(member.public_id, by=elsewhere, now=NOW)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.SUPPORT])
def test_only_privacy_officers_look_somebody_up(member, mexico, role):
    by = makers.an_actor(f"Some {role}", role, makers.make_house())

    with pytest.raises(ForbiddenError):
        find_subject(MEMBERS, "ana@example.com", organization=mexico, by=by, now=NOW)


def test_refuses_a_look_up_without_a_reference_or_a_market(member, mexico, officer):
    for reference, organization, field in [("  ", mexico, "reference"), ("ana", None, "organization")]:
        with pytest.raises(InvalidError) as refused:
            find_subject(MEMBERS, reference, organization=organization, by=officer, now=NOW)
        assert set(refused.value.fields) == {field}


# ── Titles of requests ───────────────────────────────────────────────────────────────────────────────────


def test_a_request_to_erase_is_titled_by_the_end_of_an_id_and_is_about_the_whole(member, privacy):
    approval = ask_to_erase(member.public_id, by=privacy, now=NOW)

    assert str(approval.title) == f"Erase what is held about mem_…{member.public_id[-6:]}"
    assert approval.subject_id == member.public_id


def test_a_request_to_lift_a_hold_names_the_organization_or_the_end_of_an_id(member, mexico, privacy):
    place = {"market": mexico.pk}
    market = hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)
    person = hold_subject(member.public_id, place=place, reason="Case 8", by=privacy, now=NOW)

    titles = [str(ask_to_lift(hold, by=privacy, now=NOW).title) for hold in (market, person)]

    assert titles == ["Lift the hold on Mexico", f"Lift the hold on mem_…{member.public_id[-6:]}"]


# ── Handing out ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_export_holds_all_about_a_member_and_is_recorded(member, batch, privacy):
    held = export_subject(member.public_id, by=privacy, now=NOW)

    assert held["member"]["reference"] == "ana@example.com"
    assert held["member"]["balance"] == 10
    assert [row["campaign"] for row in held["redemptions"]] == [batch.campaign.name]
    assert [row["points"] for row in held["points"]] == [10]
    assert Entry.objects.filter(act="subject.exported", subject_id=member.public_id).count() == 1


def test_an_export_holds_all_about_somebody_who_signs_in(officer, marketer):
    found = find_subject(PEOPLE, "Mariana.Marketer@example.com", organization=None, by=officer, now=NOW)

    held = export_subject(found.public_id, by=officer, now=NOW)

    assert held["account"]["email"] == "mariana.marketer@example.com"
    assert held["roles"] == [{"role": "marketer", "organization": "Mexico"}]
    json.dumps(held)


def test_an_officer_of_one_market_does_not_reach_people_who_sign_in(privacy, marketer):
    with pytest.raises(NotFoundError):
        export_subject(marketer.person, by=privacy, now=NOW)


# ── Erasing ──────────────────────────────────────────────────────────────────────────────────────────────


def test_two_people_erase_a_member_and_what_was_spent_stays_spent(member, privacy, another):
    erased(member, privacy, another)

    assert (member.erased_at, member.sealed_reference, member.balance) == (NOW, None, 10)
    assert SubjectKey.objects.get(subject=member.public_id).wrapped is None
    assert Redemption.objects.get().member == member
    with pytest.raises(ErasedError):
        subject_key(member.public_id)


def test_an_erasure_has_a_certificate_and_entries(member, privacy, another):
    erased(member, privacy, another)

    told = json.loads(Certificate.objects.get(subject=member.public_id).content)
    assert (told["certificate"], told["asked_by"], told["approved_by"]) == ("erasure", privacy.id, another.id)
    acts = Entry.objects.filter(subject_id=member.public_id).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["subject.erasure_asked_for", "subject.erased"]


def test_who_asked_for_an_erasure_does_not_approve_it(member, privacy):
    approval = ask_to_erase(member.public_id, by=privacy, now=NOW)

    with pytest.raises(FourEyesError):
        approve_request(approval, by=privacy, now=NOW)

    member.refresh_from_db()
    assert member.erased_at is None


def test_somebody_is_erased_once(member, privacy, another):
    erased(member, privacy, another)

    with pytest.raises(WrongStateError):
        ask_to_erase(member.public_id, by=privacy, now=NOW)


def test_an_erased_member_is_not_found_and_may_come_anew(member, mexico, batch, marketer, privacy, another):
    erased(member, privacy, another)

    found = find_subject(MEMBERS, "ana@example.com", organization=mexico, by=privacy, now=NOW)
    redeem_code(
        makers.a_code(batch, 1),
        member="ana@example.com",
        campaign=batch.campaign.slug,
        by=marketer,
        now=NOW,
    )

    assert found.public_id == ""
    assert {row.member.erased_at for row in Redemption.objects.all()} == {None, NOW}


@pytest.mark.parametrize("on", ["market", "person", "everything"])
def test_a_hold_refuses_an_erasure(member, mexico, privacy, operator, on):
    if on == "market":
        hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)
    elif on == "person":
        place = {"market": mexico.pk}
        hold_subject(member.public_id, place=place, reason="Case 7", by=privacy, now=NOW)
    else:
        hold_organization(makers.make_house(), reason="Case 7", by=operator, now=NOW)

    with pytest.raises(HeldError):
        ask_to_erase(member.public_id, by=privacy, now=NOW)


def test_a_hold_placed_after_the_request_refuses_its_approval(member, mexico, privacy, another):
    approval = ask_to_erase(member.public_id, by=privacy, now=NOW)
    hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    with pytest.raises(HeldError):
        approve_request(approval, by=another, now=NOW)

    member.refresh_from_db()
    assert member.erased_at is None


def test_erasing_somebody_who_signs_in_leaves_an_id_without_a_name(officer, marketer, operator):
    approval = ask_to_erase(marketer.person, by=officer, now=NOW)
    approve_request(approval, by=operator, now=NOW)

    user = User.objects.get(public_id=marketer.person)
    assert (user.name, user.email) == ("Erased", f"{user.public_id}@erased.invalid")
    assert not user.is_active
    assert not Membership.objects.filter(user=user).exists()
    assert subject_with(user.public_id).is_erased


def test_a_hold_on_their_organization_keeps_somebody_who_signs_in(officer, marketer, mexico, privacy):
    hold_organization(mexico, reason="Case 7", by=privacy, now=NOW)

    with pytest.raises(HeldError):
        ask_to_erase(marketer.person, by=officer, now=NOW)


def test_the_last_operator_is_not_erased(officer, operator):
    other = makers.an_actor("Petra Privacy", Role.PRIVACY, makers.make_house())
    approval = ask_to_erase(operator.person, by=officer, now=NOW)

    with pytest.raises(LastOperatorError):
        approve_request(approval, by=other, now=NOW)


def test_an_operator_who_may_not_sign_in_saves_nobody_from_being_the_last(officer, operator):
    second = makers.make_person("Otto Operator", Role.OPERATOR, makers.make_house())
    deactivate_person(second, by=operator, now=NOW)
    other = makers.an_actor("Petra Privacy", Role.PRIVACY, makers.make_house())
    approval = ask_to_erase(operator.person, by=officer, now=NOW)

    with pytest.raises(LastOperatorError):
        approve_request(approval, by=other, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_trail_verifies_after_an_erasure():
    mexico = makers.make_market("mx")
    batch = makers.active_batch(makers.make_campaign(market=mexico))
    redeem_code(
        makers.a_code(batch),
        member="ana@example.com",
        campaign=batch.campaign.slug,
        by=makers.a_marketer(mexico),
        now=NOW,
    )
    call_command("seal_trail")
    officers = [makers.an_actor(f"{name} Privacy", Role.PRIVACY, mexico) for name in ("Petra", "Paul")]
    erased(Redemption.objects.get().member, *officers)
    call_command("seal_trail")

    call_command("verify_trail")
