"""A file whose sender names no layout: read by the default of its client, of its institution, or as canonical JSON."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from fraud.models import ClientLayout, Institution
from fraud.operations.institutions import set_default_layouts
from fraud.queries.layouts import current_layout
from portal.accounts.actors import SYSTEM, Actor
from portal.accounts.models import Client
from portal.accounts.roles import ClientKind
from portal.core.errors import InvalidError
from tests import makers
from tests.cast import signed_in
from tests.fraud.submissions.layouts import CSV_LAYOUT, FIXED_LAYOUT, published
from tests.makers_fraud import NOW, make_institution

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(bank: Institution) -> Client:
    published(bank, "semicolons", **CSV_LAYOUT)
    published(bank, "columns", **FIXED_LAYOUT)
    return makers.client_with_key(ClientKind.INSTITUTION, bank)[0]


def set_to(bank: Institution, layout: str, by_client: dict[int, str] | None = None) -> Institution:
    return set_default_layouts(bank, layout, by_client or {}, by=SYSTEM, now=NOW)


def test_canonical_lines_count_where_nothing_is_set(bank: Institution, client: Client) -> None:
    assert current_layout(bank, "", client_id=client.pk)[0] == "canonical"


def test_a_clients_own_goes_before_the_institutions(bank: Institution, client: Client) -> None:
    changed = set_to(bank, "semicolons", {client.pk: "columns"})

    assert current_layout(changed, "")[0] == "semicolons"
    assert current_layout(changed, "", client_id=client.pk)[0] == "columns"
    assert current_layout(changed, "semicolons", client_id=client.pk)[0] == "semicolons"


def test_a_client_without_its_own_follows_the_institution(bank: Institution, client: Client) -> None:
    set_to(bank, "semicolons", {client.pk: "columns"})

    changed = set_to(bank, "columns", {client.pk: ""})

    assert current_layout(changed, "", client_id=client.pk)[0] == "columns"
    assert not ClientLayout.objects.exists()


def test_refuses_a_layout_that_nobody_published(bank: Institution, client: Client) -> None:
    with pytest.raises(InvalidError) as refusal:
        set_to(bank, "", {client.pk: "unknown"})

    assert set(refusal.value.fields) == {f"client_{client.pk}"}


def test_refuses_a_client_of_somebody_else(bank: Institution, client: Client) -> None:
    other = makers.client_with_key(ClientKind.INSTITUTION, make_institution("bank-b"))[0]

    with pytest.raises(InvalidError):
        set_to(bank, "", {other.pk: "columns"})


def test_says_when_the_default_is_no_longer_published(bank: Institution, client: Client) -> None:
    changed = set_to(bank, "semicolons")
    changed.mappings.filter(name="semicolons").update(retired_at=NOW)

    with pytest.raises(InvalidError) as refusal:
        current_layout(changed, "")

    assert "semicolons" in str(refusal.value.fields["layout"])


def test_an_operator_sets_them_on_the_institutions_page(
    bank: Institution, client: Client, operator: Actor
) -> None:
    at_work: Browser = signed_in(operator)
    page = reverse("institution-layouts", args=[bank.public_id])
    shown = at_work.get(page).content.decode()

    answer = at_work.post(page, {"layout": "semicolons", f"client_{client.pk}": "columns"})

    bank.refresh_from_db()
    assert (answer.status_code, bank.default_layout) == (302, "semicolons")
    assert ClientLayout.objects.get().layout == "columns"
    assert client.name in shown
