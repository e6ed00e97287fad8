"""Role by page: who opens which page of the fraud domain, whose posts are refused, and what another bank never sees."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern

from fraud import urls
from fraud.models import (
    Backtest,
    Institution,
    RulebookVersion,
    WatchEntry,
    WebhookDelivery,
    WebhookEndpoint,
)
from fraud.operations.backtests import start_backtest
from fraud.operations.mappings.drafting import add_golden_sample, create_mapping, save_mapping_draft
from fraud.operations.rulebooks import save_rulebook_draft
from fraud.operations.submissions.objects import submission_bucket
from fraud.rules.rulebook.default import default_document
from fraud.rules.translation import Direction
from portal.accounts.roles import Role
from tests import makers
from tests.cast import signed_in
from tests.fraud.rules.translation.sample import ROW, document
from tests.fraud.submissions.conftest import content, finished, received, rows
from tests.fraud.views.test_records import asked, registered
from tests.makers_fraud import NOW, make_case, make_case_mapping, make_feed, make_institution

pytestmark = pytest.mark.django_db(transaction=True)

# Who works where: the first two see every institution, the others one.
CAST = {
    "analyst": (Role.ANALYST, "house"),
    "operator": (Role.OPERATOR, "house"),
    "bank_analyst": (Role.ANALYST, "bank-a"),
    "lead": (Role.LEAD, "bank-a"),
    "privacy": (Role.PRIVACY, "bank-a"),
    "auditor": (Role.AUDITOR, "bank-a"),
    "outsider": (Role.MARKETER, "mx"),
}
_ANALYSTS = {"analyst", "bank_analyst", "lead"}
_WHO_LOOK = _ANALYSTS | {"auditor", "operator"}
# By the act that guards a page.
MAY = {
    "cases:read": _ANALYSTS | {"auditor"},
    "cases:work": _ANALYSTS,
    "applications:read": _ANALYSTS,
    "applicants:reveal": _ANALYSTS,
    "institutions:read": _WHO_LOOK,
    "institutions:edit": {"operator"},
    "rulebooks:read": _WHO_LOOK,
    "rulebooks:edit": {"lead"},
    "mappings:read": _WHO_LOOK,
    "mappings:edit": {"lead"},
    "submissions:read": _WHO_LOOK,
    "submissions:send": {"lead"},
    "watchlists:edit": _ANALYSTS,
    "records:read": _ANALYSTS | {"auditor"},
    "records:edit": {"lead"},
}
# What is guarded by which act, written down a second time: a guard that is loosened by mistake is seen here.
GUARDS = {
    "cases:read": "cases case",
    "cases:work": "case-next case-claim case-release case-decide case-reopen case-note case-dispute",
    "applications:read": "applications application-look-up application",
    "applicants:reveal": "application-reveal mapping-sample-reveal submission-file",
    "institutions:read": "institutions institution institution-deliveries case-feed standings standing"
    " institution-intake-key",
    "institutions:edit": "institution-new institution-edit institution-webhook webhook-pause webhook-resume webhook-off"
    " delivery-again case-feed-new case-feed-pause case-feed-resume case-feed-end standing-quota"
    " institution-layouts institution-intake-key-make institution-intake-key-replace",
    "rulebooks:read": "rulebooks rulebook rulebook-version rulebook-compare",
    "rulebooks:edit": "rulebook-draft rulebook-bands rulebook-rule rulebook-rule-new rulebook-rule-remove"
    " rulebook-try rulebook-publish rulebook-discard rulebook-roll-back rulebook-shadow-on rulebook-shadow-off",
    "mappings:read": "mappings mapping mapping-version mapping-compare mapping-sample",
    "mappings:edit": "mapping-new mapping-draft mapping-publish mapping-discard mapping-roll-back mapping-retire"
    " mapping-sample-remove",
    "submissions:read": "submissions submission submission-progress",
    "submissions:send": "submission-new submission-upload submission-pause submission-resume submission-retry"
    " submission-cancel",
    "records:read": "records disputes dispute",
    "records:edit": "record-correct record-retract dispute-uphold dispute-correct dispute-retract",
    "watchlists:edit": "watch-lists watch-new watch-remove",
}
# Nothing runs in the shadow here, so these are not there for those who may either.
NOTHING_THERE = {"rulebook-shadow", "rulebook-shadow-off"}
# The longest beginning of an address that says whose id it holds.
KINDS = ("rulebooks/versions", "rulebooks/backtests", "mappings/versions", "mappings/samples")
PATTERNS = {str(pattern.name): pattern for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}


@pytest.fixture
def ids(request: pytest.FixtureRequest) -> dict[str, str]:
    """One thing of each kind at one bank, by the beginning of its addresses."""
    submission_bucket().create()
    bank = make_institution("bank-a")
    lead = makers.an_actor("Lou Lead", Role.LEAD, bank)
    case = make_case(bank)
    mapping = create_mapping(bank, name="cards", direction=Direction.INBOUND, by=lead, now=NOW)
    version = save_mapping_draft(mapping, document(), by=lead, now=NOW)
    sample = add_golden_sample(version, ROW, name="Card", by=lead, now=NOW)
    rulebook = save_rulebook_draft(bank, default_document(), by=lead, now=NOW)
    return {
        "cases": case.public_id,
        "applications": case.application.public_id,
        "institutions": bank.public_id,
        "case-feeds": make_feed(make_case_mapping(bank)).public_id,
        "deliveries": a_delivery(bank, case.application_id),
        "rulebooks": bank.public_id,
        "rulebooks/versions": rulebook.public_id,
        "rulebooks/backtests": a_backtest(rulebook, lead),
        "mappings": mapping.public_id,
        "mappings/versions": version.public_id,
        "mappings/samples": sample.public_id,
        "submissions": finished(received(bank, content(rows(2)))).public_id,
        "watch-lists": an_entry(bank),
        "records": (record := registered(bank)).public_id,
        "disputes": asked(record).public_id,
        "consortium": bank.public_id,
    }


def a_delivery(bank: Institution, application: int) -> str:
    WebhookEndpoint.objects.create(institution=bank, url="https://bank.example/hook", created_at=NOW)
    facts: dict[str, Any] = {"event": "application.verdict", "created_at": NOW, "due_at": NOW}
    return WebhookDelivery.objects.create(institution=bank, application_id=application, **facts).public_id


def a_backtest(version: RulebookVersion, lead: Any) -> str:
    start_backtest(version, days=30, by=lead, now=NOW + timedelta(minutes=1))
    return Backtest.objects.get().public_id


def an_entry(bank: Institution) -> str:
    facts = {"listed": "known-fraud", "kind": "phone.1", "reason": "confirmed-fraud"}
    return WatchEntry.objects.create(
        institution=bank, token=b"a-token-of-16-by", added_at=NOW, added_by="usr_1", **facts
    ).public_id


def addresses(ids: dict[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Every page that this world has something for: name, address, and whether it is about one bank's thing."""
    for name, pattern in PATTERNS.items():
        route = str(pattern.pattern)
        start = next((kind for kind in KINDS if route.startswith(f"{kind}/")), route.partition("/")[0])
        if start not in ids:
            continue
        filled = {"public_id": ids[start], "party": "0", "place": "0", "kind": "result"}
        filled |= {"fraud_type": "money-mule", "role": "mule"}
        parts = re.findall(r"<(?:\w+:)?(\w+)>", route)
        if set(parts) <= set(filled):
            address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).format(**filled)
            yield name, f"/{address}", bool(parts)


def guard_of(name: str) -> str:
    return str(getattr(PATTERNS[name].callback, "guard", ""))


def place_of(where: str) -> Any:
    if where == "house":
        return makers.make_house()
    if where == "mx":
        return makers.make_market("mx")
    return Institution.objects.filter(code=where).first() or make_institution(where)


def browser_of(who: str) -> Browser:
    role, where = CAST[who]
    return signed_in(makers.an_actor(f"Somebody {who}", role, place_of(where)))


def test_each_page_is_guarded_by_the_act_that_is_written_down() -> None:
    wanted = {name: act for act, names in GUARDS.items() for name in names.split()}

    assert {name: guard_of(name) for name in wanted} == wanted


@pytest.mark.parametrize("who", CAST)
def test_pages_open_to_those_who_may_and_to_nobody_else(ids: dict[str, str], who: str) -> None:
    browser = browser_of(who)
    wrong = {}

    for name, address, _is_about in addresses(ids):
        status = browser.get(address).status_code
        may = who in MAY[guard_of(name)]
        shut = {403, 500} if name in NOTHING_THERE and may else {403, 404, 500}
        if (status not in shut) != may:
            wrong[name] = status

    assert wrong == {}


@pytest.mark.parametrize("who", CAST)
def test_posts_of_those_who_may_not_are_refused(ids: dict[str, str], who: str) -> None:
    browser = browser_of(who)
    forbidden = [(name, url) for name, url, _about in addresses(ids) if who not in MAY[guard_of(name)]]

    wrong = {name: status for name, url in forbidden if (status := browser.post(url).status_code) != 403}

    assert forbidden
    assert wrong == {}


@pytest.mark.parametrize("role", [Role.LEAD, Role.ANALYST, Role.AUDITOR])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_another_bank_s_is_not_there(ids: dict[str, str], role: Role, method: str) -> None:
    who = {Role.LEAD: "lead", Role.ANALYST: "bank_analyst", Role.AUDITOR: "auditor"}[role]
    browser = signed_in(makers.an_actor("Sam Stranger", role, make_institution("bank-b")))
    wrong = {}

    for name, address, is_about in addresses(ids):
        if not is_about:
            continue
        status = getattr(browser, method)(address).status_code
        # A page that only takes posts says so to everybody.
        if status not in ({404, 405} if who in MAY[guard_of(name)] else {403}):
            wrong[name] = status

    assert wrong == {}


def test_nobody_who_is_not_signed_in_opens_anything(ids: dict[str, str]) -> None:
    visitor = Browser()

    answers = {name: visitor.get(address) for name, address, _is_about in addresses(ids)}

    assert {answer.status_code for answer in answers.values()} == {302}
    assert all(answer["Location"].startswith("/sign-in/") for answer in answers.values())
