"""An organization's provider: who may set it up, what it may say, and what is kept of it."""

import threading

import pytest
from django.db import connection

from portal.accounts.models import SignOnIdentity, SingleSignOn, User
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.operations.single_sign_on import SignOnFacts, admit_person, set_single_sign_on
from portal.accounts.roles import Role
from portal.accounts.single_sign_on import Claims, must_sign_on, secret_of, single_sign_on_for
from portal.audit.models import Entry
from portal.core.errors import ForbiddenError, InvalidError
from portal.crypto.sealing import UnsealError
from tests import makers
from tests.makers import NOW

pytestmark = pytest.mark.django_db

FACTS = {
    "issuer": "https://login.example.com/tenant",
    "client_id": "countersign",
    "client_secret": "the secret",
    "domains": ["lumo.example"],
    "roles": {"Marketing": "marketer", "Finance": "finance"},
}


def set_up(operator, organization, **changes) -> SingleSignOn:
    return set_single_sign_on(organization, facts=SignOnFacts(**FACTS | changes), by=operator, now=NOW)


def admit(single_sign_on, operator, roles=(Role.MARKETER,), subject="person-1") -> User:
    claims = Claims(subject, "ana@lumo.example", "Ana", frozenset(roles), has_second_factor=False)
    return admit_person(single_sign_on, claims=claims, by=operator, now=NOW)


def test_the_secret_is_sealed_for_its_row_alone(operator, mexico, canada):
    one = set_up(operator, mexico)
    other = set_up(operator, canada, domains=["other.example"])

    other.client_secret = one.client_secret
    assert b"the secret" not in bytes(one.client_secret)
    assert secret_of(one) == "the secret"
    with pytest.raises(UnsealError):
        secret_of(other)


def test_an_empty_secret_keeps_the_one_that_is_there(operator, mexico):
    set_up(operator, mexico)

    changed = set_up(operator, mexico, client_secret="", client_id="another")

    assert (secret_of(changed), changed.client_id) == ("the secret", "another")
    assert SingleSignOn.objects.count() == 1


def test_facts_do_not_show_the_secret():
    assert "the secret" not in repr(SignOnFacts(**FACTS))


def test_the_trail_names_fields_and_no_values(operator, mexico):
    set_up(operator, mexico)
    changed = set_up(operator, mexico, issuer="https://login.example.com/other")

    first, second = Entry.objects.filter(subject_id=changed.public_id).order_by("pk")
    assert (first.act, second.act) == ("single_sign_on.set_up", "single_sign_on.changed")
    assert second.facts["fields"] == ["client_secret", "issuer"]
    assert "example" not in str(first.facts) + str(second.facts)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("client_secret", {"client_secret": ""}),
        ("domains", {"domains": []}),
        ("domains", {"domains": ["lumo"]}),
        ("domains", {"domains": ["lumo.example", "*.example"]}),
        ("domains", {"domains": ["ana@lumo.example"]}),
        ("roles", {"roles": {}}),
        ("roles", {"roles": {"Everybody": "operator"}}),
        ("roles", {"roles": {"Everybody": "printer"}}),
        ("roles", {"roles": {"Everybody": "emperor"}}),
        ("is_enforced", {"is_on": False, "is_enforced": True}),
    ],
)
def test_refuses_what_makes_no_sense(operator, mexico, field, changes):
    with pytest.raises(InvalidError) as refused:
        set_up(operator, mexico, **changes)

    assert set(refused.value.fields) == {field}


def test_the_operators_house_has_no_provider(operator):
    with pytest.raises(InvalidError):
        set_up(operator, makers.make_house())


def test_a_domain_is_one_organizations(operator, mexico, canada):
    set_up(operator, mexico)

    with pytest.raises(AlreadyThereError) as refused:
        set_up(operator, canada, domains=["LUMO.example"])

    assert set(refused.value.fields) == {"domains"}


def test_a_marketer_sets_up_no_provider(marketer, mexico):
    with pytest.raises(ForbiddenError):
        set_up(marketer, mexico)


def test_another_issuers_ids_mean_nobody_that_we_know(operator, mexico):
    single_sign_on = set_up(operator, mexico)
    admit(single_sign_on, operator)

    set_up(operator, mexico, issuer="https://login.example.com/other")

    assert not SignOnIdentity.objects.exists()


def test_the_provider_is_found_by_domain_however_the_address_is_written(operator, mexico):
    single_sign_on = set_up(operator, mexico)

    assert single_sign_on_for(" Nobody@LUMO.Example ") == single_sign_on
    assert single_sign_on_for("ana@sub.lumo.example") is None
    assert single_sign_on_for("lumo.example@elsewhere.example") is None


def test_a_domain_that_was_taken_out_is_free_again(operator, mexico, canada):
    set_up(operator, mexico)
    set_up(operator, mexico, domains=["new.example"])

    set_up(operator, canada)

    assert single_sign_on_for("ana@lumo.example").organization_id == canada.pk


def test_only_people_of_that_organization_alone_must_come_by_its_provider(operator, mexico, canada):
    single_sign_on = set_up(operator, mexico, is_enforced=True)
    ana = admit(single_sign_on, operator)
    elsewhere = User.objects.get(public_id=makers.an_actor("Otto Outsider", Role.MARKETER, canada).person)

    assert must_sign_on(ana)
    assert not must_sign_on(elsewhere)
    ana.memberships.create(organization=canada, role=Role.MARKETER)
    assert not must_sign_on(ana)


@pytest.mark.django_db(transaction=True)
def test_somebody_who_comes_twice_at_once_is_one_person(operator, mexico):
    single_sign_on = set_up(operator, mexico)

    def come() -> None:
        admit(single_sign_on, operator)
        connection.close()

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ana = User.objects.get(email="ana@lumo.example")
    assert ana.sign_on_identities.count() == ana.memberships.count() == 1
    assert Entry.objects.filter(subject_id=ana.public_id, act="role.granted").count() == 1


def test_nobody_must_while_it_is_not_required(operator, mexico):
    assert not must_sign_on(admit(set_up(operator, mexico), operator))
