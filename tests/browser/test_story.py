"""The whole story through the pages: from an empty portal to a redeemed code, by the people who do it."""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Batch, Market, Printer
from campaigns.operations.delivery import file_name
from portal.accounts import factors
from portal.accounts.roles import Role
from portal.core import clock
from portal.core.storage import Bucket
from tests import makers
from tests.browser.conftest import Open
from tests.processes import celery_worker

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BUCKET = "story-press"
CODES = 600
# A worker process starts, delivers six files and signs, while the page looks on; two cores may be busy.
DELIVERY = 60_000


def test_codes_go_from_an_empty_portal_to_a_redeemed_code(window: Open) -> None:
    makers.an_actor("Olga Operator", Role.OPERATOR, makers.make_house())
    olga = signing_in(window(), "Olga Operator")

    set_up_market_and_brand(olga)
    set_up_printer(olga)
    come_in(window(), invite_marketer(olga))
    market, printer = Market.objects.get(), Printer.objects.get()
    makers.a_press_operator(printer)
    makers.an_approver(market)
    mariana = signing_in(window(), "Mariana Marketer")
    design_campaign(mariana, market)
    batch = order_codes(mariana)
    approve_and_watch(signing_in(window(), "Arturo Approver"), batch)
    acknowledge(signing_in(window(), "Pablo Press"), batch)
    activate(mariana)
    key = issue_key(olga)
    code = makers.printed_codes(makers.fetched(batch))[0]
    first, second = redeem(window(), key, code, "first"), redeem(window(), key, code, "second")
    look_up(mariana, code)

    assert (first, second) == ((201, "redeemed"), (409, "code-already-redeemed"))
    mariana.goto(f"/campaigns/{batch.campaign.public_id}/")
    expect(step(mariana, "Redeemed")).to_have_text("1")
    expect(step(mariana, "Active")).to_have_text(str(CODES))


def signing_in(page: Page, name: str) -> Page:
    """Sign in, and set up an authenticator app where the portal asks for one."""
    page.goto("/sign-in/")
    fill(page, login=f"{name.replace(' ', '.').lower()}@example.com", password=makers.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("main h1")).to_have_text(re.compile("Home|Your account"))
    if page.locator("main h1").inner_text() == "Your account":
        set_up_app(page)
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def set_up_app(page: Page) -> None:
    """Add an app by the key below the picture, and keep the recovery codes."""
    follow(page, "Set up an authenticator app")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    fill(page, code=factors.code_at(secret, factors.step_at(clock.now())))
    page.get_by_role("button", name="Add the app").click()
    expect(page.locator(".codes li")).to_have_count(10)
    follow(page, "I have kept them")


def fill(page: Page, **values: str) -> None:
    """Fill fields by their names; of a list of choices, the one so called."""
    for name, value in values.items():
        field = page.locator(f"main [name={name}]")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def send(page: Page, button: str) -> int:
    """Press a form's button; return the status of the answer."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.locator(".form-acts").get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()
    return answer.value.status


def follow(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("link", name=name, exact=True).first.click()


def step(page: Page, title: str) -> Locator:
    """The figure under a title in the row at the head of a campaign."""
    return page.locator(".flow div", has=page.get_by_text(title, exact=True)).locator("dd").last


# ── The operator sets up ─────────────────────────────────────────────────────────────────────────────────


def set_up_market_and_brand(page: Page) -> None:
    follow(page, "Markets", "New market")
    fill(page, name="Mexico", code="mx", time_zone="America/Mexico City", currency="MXN", language="English")
    assert send(page, "Save") == 302
    follow(page, "Brands", "New brand")
    fill(page, name="Lumo Cola", code="lumo")
    assert send(page, "Save") == 302


def set_up_printer(page: Page) -> None:
    """Lay out a row with a QR address, and test: first the bucket is missing, then it is there."""
    follow(page, "Printers", "New printer")
    fill(page, name="Imprenta Norte", bucket=BUCKET, prefix="in", recipients=makers.RECIPIENT)
    fill(page, rows_per_file="100", url_template="https://lumo.example/r/{code}")
    page.get_by_label("Holds 3").select_option(label="URL for a QR code")
    page.get_by_label("Name 3").fill("qr")
    expect(page.locator("#rows")).to_contain_text("control,code,qr")
    expect(page.locator("#rows")).to_contain_text("https://lumo.example/r/")
    assert send(page, "Save") == 302

    trial = page.locator("#printer-test")
    trial.get_by_role("button", name="Test this printer").click()
    expect(trial.locator(".state")).to_have_text("Failed")
    expect(trial).to_contain_text(BUCKET)
    Bucket(BUCKET).create()
    trial.get_by_role("button", name="Test this printer").click()
    expect(trial.locator(".state")).to_have_text("Passed")


def invite_marketer(page: Page) -> str:
    """Invite the marketer; return where the link in her mail leads."""
    follow(page, "People", "Invite person")
    fill(page, email="mariana.marketer@example.com", role="Marketer", organization="Mexico")
    assert send(page, "Send invitation") == 302
    expect(page.locator(".page-title .state")).to_have_text("Invited")
    expect(page.locator("table")).to_contain_text("Marketer")
    page.goto("/mails/")
    follow(page, "Your invitation to Countersign")
    link = urlsplit(page.locator("main .card a").get_attribute("href") or "")
    return f"{link.path}?{link.query}"


def come_in(page: Page, link: str) -> None:
    """Accept an invitation, and be led to where one signs in."""
    page.goto(link)
    fill(page, name="Mariana Marketer", password=makers.PASSWORD, again=makers.PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def issue_key(page: Page) -> str:
    """Register the brand's website and issue its key, which is shown this once."""
    follow(page, "Clients and keys", "New client")
    fill(page, name="Lumo website", kind="Brand's website or app")
    for box in ("Redeem codes", "Check codes", "Mexico (market)", "Lumo Cola (brand)"):
        page.get_by_label(box, exact=True).check()
    assert send(page, "Register client") == 302
    follow(page, "Issue key")
    assert send(page, "Issue key") == 200
    key = page.locator(".secret code").inner_text()
    follow(page, "Done")
    expect(page.locator("table")).to_contain_text(key.split("_")[1])
    assert key not in page.content()
    return key


# ── The marketer, the approver and the printer ───────────────────────────────────────────────────────────


def design_campaign(page: Page, market: Market) -> None:
    """See the guess odds change while typing, be refused what is too easy, and come back with what passes."""
    today = datetime.now(ZoneInfo(market.time_zone)).replace(hour=0, minute=0)
    follow(page, "Campaigns", "New campaign")
    fill(page, name="Summer caps", slug="summer-caps", market="Mexico (Mexico City time)", brand="Lumo Cola")
    fill(page, opens=f"{today - timedelta(days=2):%Y-%m-%dT%H:%M}")
    fill(page, closes=f"{today + timedelta(days=60):%Y-%m-%dT%H:%M}", expected_codes="1,000,000")
    meter = page.locator("#meter")
    expect(meter).to_contain_text("Mexico needs 1 in 10 M ✓")
    fill(page, length="9", grouping="3-3-3")
    expect(meter).to_contain_text("too easy to guess")
    expect(meter).to_contain_text("10 characters of 29")

    assert send(page, "Save") == 422
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    expect(page.locator("#id_length_field .field-error")).to_contain_text("1 in 10")
    summary.get_by_role("link", name="Length").click()
    expect(page.locator("#id_length_field")).to_be_in_viewport()

    fill(page, length="12", grouping="4-4-4")
    expect(meter).to_contain_text("Mexico needs 1 in 10 M ✓")
    assert send(page, "Save") == 302
    expect(page.get_by_role("heading", level=1)).to_have_text("Summer caps")


def order_codes(page: Page) -> Batch:
    follow(page, "Order codes")
    fill(page, quantity=str(CODES), printer="Imprenta Norte", lot="S1")
    review = page.locator("#review")
    expect(review).to_contain_text("Imprenta Norte, 6 files")
    expect(review).to_contain_text("Arturo Approver")
    expect(review.locator("pre")).to_contain_text("control,code,qr")
    assert send(page, "Order codes") == 302
    expect(page.locator(".note")).to_contain_text("This waits for somebody else.")
    expect(page.get_by_role("link", name="Approve batch")).to_have_count(0)
    return Batch.objects.select_related("campaign").get()


def approve_and_watch(page: Page, batch: Batch) -> None:
    """Approve, and look on: the page tells by itself when all is delivered."""
    page.get_by_role("link", name=f"Approve {CODES} codes for Summer caps").click()
    follow(page, "Approve batch")
    page.get_by_role("dialog").get_by_role("button", name="Approve batch").click()
    expect(page.locator(".page-title .state")).to_have_text("Approved")
    expect(page.locator("#progress")).to_contain_text("0 of 6 files")
    page.evaluate("document.title = 'kept'")

    with celery_worker():
        expect(page.locator(".page-title .state")).to_have_text("Delivered", timeout=DELIVERY)

    expect(page.locator("#delivery .state")).to_have_text(["Done"] * 6)
    expect(page.locator(".note")).to_contain_text("This waits for the printer.")
    assert makers.fetched(batch).state == "delivered"


def acknowledge(page: Page, batch: Batch) -> None:
    """Report what lies in the bucket, hashed there."""
    files = makers.fetched(batch).files.select_related("batch__campaign", "batch__printer").order_by("number")
    lying = {file_name(file): makers.lying_there(file.batch, file_name(file)) or b"" for file in files}
    page.get_by_role("link", name=re.compile("^Acknowledge 600 codes")).click()
    follow(page, "Acknowledge delivery")
    lines = "\n".join(f"{sha256(content).hexdigest()}  {name}" for name, content in lying.items())
    fill(page, count=str(CODES), hashes=lines)
    assert send(page, "Acknowledge delivery") == 302
    expect(page.locator(".page-title .state")).to_have_text("Acknowledged")


def activate(page: Page) -> None:
    follow(page, "Home")
    page.get_by_role("link", name=re.compile("^Activate 600 codes")).click()
    follow(page, "Activate batch")
    page.get_by_role("dialog").get_by_role("button", name="Activate batch").click()
    expect(page.locator(".page-title .state")).to_have_text("Active")


# ── The consumer, through the brand's website, and whoever answers the telephone ─────────────────────────


def redeem(page: Page, key: str, code: str, attempt: str) -> tuple[int, str]:
    answer = page.request.post(
        "/api/v1/redemptions",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": attempt},
        data={"code": code.lower(), "member": f"ext:{attempt}", "campaign": "summer-caps"},
    )
    told = answer.json()
    return answer.status, told.get("code") or told["status"]


def look_up(page: Page, code: str) -> None:
    follow(page, "Check a code")
    fill(page, code=code)
    page.get_by_role("button", name="Look up").click()
    expect(page.locator(".verdict")).to_contain_text("This code was redeemed already.")
