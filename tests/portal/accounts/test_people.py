"""Adding people, and giving and taking roles."""

import pytest

from portal.accounts.actors import SYSTEM, OrganizationKind
from portal.accounts.models import Membership, Organization
from portal.accounts.operations.invitations import invite_person
from portal.accounts.operations.people import (
    AlreadyThereError,
    LastOperatorError,
    create_person,
    found_operator,
    grant_role,
    revoke_role,
)
from portal.accounts.queries import actor_of
from portal.accounts.roles import Act, Role
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError, NotFoundError
from tests import makers
from tests.makers import NOW, PASSWORD

pytestmark = pytest.mark.django_db


def add(operator, **changes):
    facts = {"email": "ana@example.com", "name": "Ana", "password": PASSWORD, **changes}
    return create_person(facts.pop("email"), **facts, by=operator, now=NOW)


def test_an_operator_adds_a_person_who_can_sign_in(operator):
    person = add(operator)

    assert person.check_password(PASSWORD)
    assert PASSWORD not in person.password


def test_the_trail_names_no_personal_data(operator):
    person = add(operator)

    entry = Entry.objects.get(subject_id=person.public_id)
    assert (entry.act, entry.facts) == ("person.created", {})


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("email", {"email": "ana"}),
        ("email", {"email": ""}),
        ("password", {"password": "short"}),
        ("password", {"password": "password1234"}),
        ("password", {"password": "ana@example.com"}),
    ],
)
def test_refuses_a_person_who_could_not_sign_in_safely(operator, field, changes):
    with pytest.raises(InvalidError) as refused:
        add(operator, **changes)

    assert set(refused.value.fields) == {field}


def test_an_address_belongs_to_one_person_however_it_is_written(operator):
    add(operator)

    with pytest.raises(AlreadyThereError) as refused:
        add(operator, email="ANA@Example.com")

    assert set(refused.value.fields) == {"email"}


def test_a_marketer_cannot_add_people(marketer):
    with pytest.raises(ForbiddenError):
        add(marketer)


def test_a_role_holds_where_it_was_given_and_nowhere_else(operator, mexico, canada):
    person = add(operator)
    grant_role(person, organization=mexico, role=Role.MARKETER, by=operator, now=NOW)

    actor = actor_of(person)
    assert actor.may(Act.BATCH_PLAN, {OrganizationKind.MARKET: mexico.pk})
    assert not actor.may(Act.BATCH_PLAN, {OrganizationKind.MARKET: canada.pk})
    assert not actor.may(Act.BATCH_APPROVE, {OrganizationKind.MARKET: mexico.pk})


def test_refuses_a_role_that_the_organization_does_not_have(operator, mexico):
    with pytest.raises(InvalidError) as refused:
        grant_role(add(operator), organization=mexico, role=Role.PRINTER, by=operator, now=NOW)

    assert set(refused.value.fields) == {"role"}


def test_an_operator_is_made_in_the_operators_house_only(operator, mexico):
    with pytest.raises(InvalidError):
        grant_role(add(operator), organization=mexico, role=Role.OPERATOR, by=operator, now=NOW)


def test_refuses_a_role_that_the_person_has_already(operator, mexico):
    person = add(operator)
    grant_role(person, organization=mexico, role=Role.MARKETER, by=operator, now=NOW)

    with pytest.raises(AlreadyThereError):
        grant_role(person, organization=mexico, role=Role.MARKETER, by=operator, now=NOW)


def test_a_role_that_is_taken_is_gone(operator, marketer):
    membership = Membership.objects.get(role=Role.MARKETER)

    revoke_role(membership, by=operator, now=NOW)

    assert not Membership.objects.filter(role=Role.MARKETER).exists()


def test_a_role_is_taken_once(operator, marketer):
    membership = Membership.objects.get(role=Role.MARKETER)
    again = Membership.objects.get(role=Role.MARKETER)
    revoke_role(membership, by=operator, now=NOW)

    with pytest.raises(NotFoundError):
        revoke_role(again, by=operator, now=NOW)

    assert Entry.objects.filter(act="role.revoked").count() == 1


def test_the_last_operator_stays(operator):
    with pytest.raises(LastOperatorError):
        revoke_role(Membership.objects.get(role=Role.OPERATOR), by=operator, now=NOW)


def test_the_last_operator_but_one_may_go(operator):
    makers.an_actor("Oscar Operator", Role.OPERATOR, makers.make_house())

    revoke_role(Membership.objects.filter(role=Role.OPERATOR).first(), by=operator, now=NOW)

    assert Membership.objects.filter(role=Role.OPERATOR).count() == 1


def test_somebody_who_has_not_come_in_yet_is_no_second_operator(operator):
    invite_person(
        "oscar@example.com", organization=makers.make_house(), role=Role.OPERATOR, by=operator, now=NOW
    )

    with pytest.raises(LastOperatorError):
        revoke_role(Membership.objects.get(user__is_active=True), by=operator, now=NOW)


def test_a_marketer_grants_no_roles(marketer, mexico):
    person = Membership.objects.get(role=Role.MARKETER).user

    with pytest.raises(ForbiddenError):
        grant_role(person, organization=mexico, role=Role.APPROVER, by=marketer, now=NOW)


def test_a_marketer_takes_no_roles(marketer):
    membership = Membership.objects.get(role=Role.MARKETER)

    with pytest.raises(ForbiddenError):
        revoke_role(membership, by=marketer, now=NOW)


def test_the_operators_house_is_founded_once():
    found_operator("Countersign", by=SYSTEM, now=NOW)

    with pytest.raises(AlreadyThereError):
        found_operator("Another", by=SYSTEM, now=NOW)

    assert Organization.objects.filter(kind="operator").count() == 1
