"""The page about keys: what it shows, what it never shows, and that a change takes two."""

import json

import pytest

from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve
from portal.core import clock
from portal.core.errors import FourEyesError
from portal.crypto.keyring import Purpose
from portal.keys.models import Rotation
from portal.keys.scopes import PROCESS, scope_keys
from portal.keys.signing import replace_signing_key, signing_key
from tests import makers
from tests.cast import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return makers.an_actor("operator-1", Role.OPERATOR, makers.make_house())


@pytest.fixture
def second():
    return makers.an_actor("operator-2", Role.OPERATOR, makers.make_house())


def test_shows_each_purpose_and_no_key(operator, settings):
    opened = scope_keys(Purpose.MEMBERS, "market:1").newest.key.secret
    secrets = [entry["secret"] for entry in json.loads(settings.KEY_FILE.read_text())["keys"]]

    page = signed_in(operator).get("/keys/").content.decode()

    assert all(str(purpose) in page for purpose in Purpose)
    assert not any(secret in page for secret in [*secrets, opened.hex()])


def test_an_auditor_sees_it_and_may_not_ask_for_a_change():
    auditor = signed_in(makers.an_actor("auditor", Role.AUDITOR, makers.make_house()))

    assert auditor.get("/keys/").status_code == 200
    assert auditor.get("/keys/members/change/").status_code == 403


def test_a_marketer_does_not_see_it(mexico):
    assert signed_in(makers.a_marketer(mexico)).get("/keys/").status_code == 403


def test_a_change_waits_for_a_second_person(operator, second):
    answer = signed_in(operator).post("/keys/members/change/")

    approval = Approval.objects.get()
    assert answer.status_code == 302
    assert not Rotation.objects.exists()
    with pytest.raises(FourEyesError):
        approve(approval, by=operator, now=clock.now())
    approve(approval, by=second, now=clock.now())
    assert Rotation.objects.get().purpose == "members"


def test_the_page_shows_how_far_a_change_has_come(operator):
    Rotation.objects.create(purpose="members", started_at=clock.now(), done=500, total=2000)

    page = signed_in(operator).get("/keys/").content.decode()

    assert "Being renewed" in page
    assert "/keys/members/change/" not in page


@pytest.mark.parametrize("purpose", ["trail", "campaign-codes", "tokens-registry"])
def test_keys_that_no_worker_holds_cannot_be_changed_from_here(operator, purpose):
    answer = signed_in(operator).post(f"/keys/{purpose}/change/")

    assert answer.status_code == 409
    assert not Approval.objects.exists()


def test_an_unknown_purpose_is_not_found(operator):
    assert signed_in(operator).get("/keys/nothing/change/").status_code == 404


def test_everybody_reads_the_public_keys_also_those_that_no_longer_sign(client):
    signing_key(Purpose.MANIFESTS)
    replace_signing_key(Purpose.MANIFESTS, now=clock.now())

    keys = client.get("/keys/public.json").json()["keys"]

    assert [key["retired_at"] is None for key in keys] == [True, False]
    assert all("BEGIN PUBLIC KEY" in key["public_key"] for key in keys)
    assert PROCESS.id not in str(keys)
