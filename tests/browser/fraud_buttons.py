"""Pages of the fraud domain that a button alone opens: what was looked up, revealed, tried and mapped."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.fraud_ground import FraudGround

SAMPLE = """dossier,produit,montant,date,nom_de_famille,prenom,nas,courriel_de_la_personne
A-1,LOAN,1500.00,2026-03-01T10:00:00Z,Tremblay-Beauregard,Luc,046 454 286,luc@example.com
A-2,LOAN,2500.00,2026-03-01T11:00:00Z,Roy,Anne,046 454 287,anne@example.com
"""


def behind_buttons(page: Page, ground: FraudGround) -> Iterator[str]:
    """Open each, for a lead who has signed in, and give its name while it is shown."""
    page.goto(reverse("application-look-up"))
    page.locator("[name=value]").fill("046454286")
    page.locator("[name=case]").fill(ground.ids["case"])
    page.locator("main form button.btn-primary").click()
    page.locator("main table").wait_for()
    yield "applications found"
    page.goto(reverse("application-reveal", args=[ground.ids["application"], 0]))
    page.locator("[name=reason]").select_option(index=1)
    page.locator("main form button.btn-primary").click()
    page.get_by_text("Boulangerie du Coin").wait_for()
    yield "somebody revealed"
    page.goto(reverse("rulebook-try", args=[ground.ids["rulebook"]]))
    page.locator("[name=reference]").fill(ground.ids["application"])
    page.locator("main form button.btn-primary").click()
    page.locator("#decision-title").wait_for()
    yield "a draft that was tried"
    yield from _in_the_studio(page, ground)


def _in_the_studio(page: Page, ground: FraudGround) -> Iterator[str]:
    page.goto(reverse("mapping-draft", args=[ground.ids["studio"]]))
    page.locator("[name=sample]").fill(SAMPLE)
    page.locator("button[value=propose]").click()
    page.locator("[name='field-0-source']").wait_for()
    yield "fields that were proposed"
    page.locator("#record-2").wait_for()
    page.locator("button[value='open:0']").click()
    page.locator("button[value='step:add']").click()
    page.locator("[name='step-0-kind']").wait_for()
    yield "a field with its steps"
