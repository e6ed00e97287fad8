"""The admin shows and never changes; keys and digests stay hidden; only roles that hold everywhere may look."""

import pytest
from django.test import Client as Browser

from campaigns.models import Campaign, Market
from fraud.models import Case
from portal.accounts.models import ClientKey
from portal.accounts.roles import ClientKind, Role
from portal.web.admin import site
from tests import makers
from tests.cast import signed_in
from tests.makers_fraud import make_case, make_institution


@pytest.fixture
def looker(db: None) -> Browser:
    return signed_in(makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house()))


@pytest.fixture
def campaign(db: None) -> Campaign:
    return makers.make_campaign()


def tables() -> list[str]:
    return [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry]


def test_an_operator_sees_every_table(looker: Browser, campaign: Campaign) -> None:
    makers.planned_batch(campaign)

    answers = {address: looker.get(address).status_code for address in tables()}

    assert set(answers.values()) == {200}
    assert len(answers) > 12


@pytest.mark.parametrize("address", tables())
def test_nobody_can_add_a_row(looker: Browser, address: str) -> None:
    assert looker.get(f"{address}add/").status_code == 403


def test_nobody_can_change_or_delete_a_row(looker: Browser, campaign: Campaign) -> None:
    address = f"/admin/campaigns/campaign/{campaign.pk}"

    changed = looker.post(f"{address}/change/", {"name": "Changed"})
    deleted = looker.post(f"{address}/delete/", {"post": "yes"})

    campaign.refresh_from_db()
    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert campaign.name == "Summer caps"


def test_what_is_refused_there_is_one_line_of_the_log(
    looker: Browser, campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    looker.post(f"/admin/campaigns/campaign/{campaign.pk}/change/", {"name": "Changed"})

    refusal = next(record for record in caplog.records if record.name == "django.request")
    assert (refusal.levelname, refusal.exc_info) == ("WARNING", None)


def test_nobody_changes_a_password_there(looker: Browser) -> None:
    assert looker.get("/admin/password_change/").status_code == 404


def test_wrapped_keys_and_digests_are_never_shown(looker: Browser, campaign: Campaign) -> None:
    makers.client_with_key(ClientKind.WEBSITE, campaign.market, campaign.brand)
    key = ClientKey.objects.get()

    shown = looker.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    shown += looker.get(f"/admin/accounts/clientkey/{key.pk}/change/").content.decode()

    assert "Wrapped key" not in shown
    assert "Digest" not in shown
    assert "field-slug" in shown
    assert "field-prefix" in shown


@pytest.mark.parametrize("role", [Role.MARKETER, Role.AUDITOR])
def test_a_role_within_one_market_does_not_open_the_admin(mexico: Market, role: Role) -> None:
    answer = signed_in(makers.an_actor("Mila", role, mexico)).get("/admin/", follow=True)

    assert answer.status_code == 403


def test_visitors_are_sent_to_the_sign_in_of_the_portal(db: None) -> None:
    answer = Browser().get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/sign-in/")


def test_references_and_what_was_found_of_people_are_never_shown(looker: Browser) -> None:
    case = make_case(make_institution(), "A-2026-000123")
    Case.objects.update(fraud_type="identity-theft", reasons=["velocity-sin"])
    rows = {
        "application": case.application_id,
        "case": case.pk,
        "screening": case.application.screenings.get().pk,
    }

    shown = "".join(
        looker.get(f"/admin/fraud/{table}/").content.decode()
        + looker.get(f"/admin/fraud/{table}/{pk}/change/").content.decode()
        for table, pk in rows.items()
    )

    assert case.application.public_id in shown
    for secret in ("A-2026-000123", "identity-theft", "velocity-sin", "Facts"):
        assert secret not in shown
