"""A refusal reads in French on a French page, also one that a worker or another reader's request wrote down."""

import pytest
from django.test import Client as Browser
from rest_framework.test import APIClient

from campaigns.models import Batch, Brand, Campaign, Market, Printer
from campaigns.operations.parties import bucket_of
from campaigns.operations.receipts import read_receipt
from campaigns.rules.states import BatchState, FileState
from portal.accounts.actors import SYSTEM
from portal.core.phrases import Phrase
from tests import makers
from tests.campaigns.views.test_campaigns import CAMPAIGN

FRENCH = {"accept-language": "fr"}


def speaking(language: str, browser: Browser) -> Browser:
    """The browser after its person has chosen a language."""
    browser.cookies["django_language"] = language
    return browser


@pytest.fixture
def campaign(mexico: Market) -> Campaign:
    return makers.make_campaign(market=mexico)


def test_an_alphabet_is_refused_in_french(marketer_browser: Browser, mexico: Market, lumo: Brand) -> None:
    posted = CAMPAIGN | {"market": mexico.public_id, "brand": lumo.public_id}
    posted |= {"alphabet": "own", "own_alphabet": "O0ABCDEFG"}

    answer = speaking("fr", marketer_browser).post("/campaigns/new/", posted)

    assert answer.status_code == 422
    assert "0 et O se ressemblent : n’en gardez qu’un." in answer.content.decode().replace("\xa0", " ")


def test_odds_are_refused_with_numbers_as_the_french_write_them(
    marketer_browser: Browser, mexico: Market, lumo: Brand
) -> None:
    posted = CAMPAIGN | {"market": mexico.public_id, "brand": lumo.public_id}
    posted |= {"length": "9", "grouping": "", "expected_codes": "100000000"}

    page = speaking("fr", marketer_browser).post("/campaigns/new/", posted).content.decode()

    assert "demande 1 sur 1\xa0000\xa0000" in page


def test_the_state_of_a_batch_is_named_in_french(approver_browser: Browser, campaign: Campaign) -> None:
    batch = makers.approved_batch(campaign)

    answer = speaking("fr", approver_browser).post(f"/batches/{batch.public_id}/approve/")

    assert answer.status_code in (409, 422)
    assert "Il est approuvé et ne peut pas devenir approuvé" in answer.content.decode()


def test_what_a_worker_wrote_down_is_read_in_the_language_of_the_reader(
    marketer_browser: Browser, campaign: Campaign
) -> None:
    batch = makers.approved_batch(campaign)
    says = Phrase("The store's address cannot be used. {said}", said="s3://")
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.DELIVERING)
    batch.files.update(state=FileState.FAILED, problem=says)

    french = speaking("fr", marketer_browser).get(f"/batches/{batch.public_id}/").content.decode()
    english = speaking("en", marketer_browser).get(f"/batches/{batch.public_id}/")

    assert "L’adresse du stockage est inutilisable. s3://" in french
    assert "cannot be used. s3://" in english.content.decode()


def test_a_receipt_that_cannot_be_read_is_told_in_both_languages(
    marketer_browser: Browser, printer_client: APIClient, press: Printer, campaign: Campaign
) -> None:
    batch = makers.fetched(makers.delivered_batch(campaign, printer=press))
    bucket_of(press).put(f"{batch.folder}receipt.json", b"no receipt", "application/json")

    read_receipt(batch, by=SYSTEM, clock=makers.still())

    page = speaking("fr", marketer_browser).get(f"/batches/{batch.public_id}/").content.decode()
    told = printer_client.get(f"/api/v1/batches/{batch.public_id}").json()
    assert "Le reçu dans le bucket n’est pas de la forme" in page
    assert told["problem"].startswith("The receipt in the bucket is not of the form")


def test_a_test_of_a_printer_is_read_in_french_by_the_next_reader(operator_browser: Browser) -> None:
    printer = makers.make_printer(has_bucket=False)
    operator_browser.post(f"/printers/{printer.public_id}/test/")

    page = speaking("fr", operator_browser).get(f"/printers/{printer.public_id}/").content.decode()

    assert f"Le bucket {printer.bucket} n’existe pas" in page


@pytest.mark.parametrize(
    ("wanted", "title"),
    [({}, "There is nothing here under this address"), (FRENCH, "Il n’y a rien à cette adresse")],
)
def test_the_api_answers_in_english_unless_asked_for_french(
    printer_client: APIClient, wanted: dict[str, str], title: str
) -> None:
    problem = printer_client.get("/api/v1/batches/bat_nowhere", headers=wanted).json()

    assert (problem["code"], problem["title"]) == ("not-found", title)
