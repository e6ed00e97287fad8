"""Pages of rulebooks: reading them, building a draft by form alone, and asking a second person to publish it."""

from typing import Any

import msgspec
import pytest
from django.http import QueryDict
from django.test import Client as Browser

import portal.urls
import portal.web.templatetags.pages  # noqa: F401
from fraud.forms.condition_rows import rows_of
from fraud.forms.conditions import row_forms
from fraud.models import Institution, RulebookVersion
from fraud.operations.rulebooks import save_rulebook_draft, set_shadow
from fraud.rules.consortium import FraudType, Hit, RecordRole, Tier
from fraud.rules.rulebook import RulebookDocument, default_document
from fraud.rules.rulebook.document import Condition, Operator, Rule, Test
from fraud.views.rulebook_rules import _as_shown
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from portal.core import clock
from tests import makers
from tests.cast import signed_in
from tests.fraud.operations.test_backtests import screened
from tests.makers_fraud import make_institution

pytestmark = pytest.mark.django_db
PHONE = Test(field="same_phone_7d", operator=Operator.AT_LEAST, value=3)
BOOK = RulebookDocument(
    rules=(Rule(name="Busy telephone", when=PHONE, weight=200, reason="repeated-applications"),)
)
HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: makers.NOW)


@pytest.fixture
def bank(db: None) -> Institution:
    return make_institution("bank-a")


@pytest.fixture
def lead(bank: Institution) -> Actor:
    return makers.an_actor("Lea Lead", Role.LEAD, bank)


@pytest.fixture
def second_lead(bank: Institution) -> Actor:
    return makers.an_actor("Luc Lead", Role.LEAD, bank)


@pytest.fixture
def lead_browser(lead: Actor) -> Browser:
    return signed_in(lead)


def draft(bank: Institution, lead: Actor, document: RulebookDocument = BOOK) -> RulebookVersion:
    return save_rulebook_draft(bank, document, by=lead, now=makers.NOW)


def rule_sent(page: Any, condition: Condition = PHONE, **changes: str) -> dict[str, Any]:
    """What a browser sends of a rule's form."""
    lines = row_forms(rows_of(condition))
    given: QueryDict = _as_shown(lines)
    rule = {
        "name": "Busy telephone",
        "weight": "250",
        "reason": "repeated-applications",
        "note": "",
        "is_on": "on",
    }
    hidden = {"based_on": page.context["based_on"], "rows": str(len(lines))}
    return {**dict(given.lists()), **rule, **hidden, **changes}


def test_an_institution_without_a_rulebook_shows_the_default(
    lead_browser: Browser, bank: Institution
) -> None:
    listed = lead_browser.get("/rulebooks/").content.decode()
    page = lead_browser.get(f"/rulebooks/{bank.public_id}/").content.decode()

    assert "Default that ships" in listed
    assert default_document().rules[0].name in page
    assert "Edit rules" in page


def test_who_may_only_read_is_offered_no_editing(bank: Institution) -> None:
    browser = signed_in(makers.an_actor("Ana Analyst", Role.ANALYST, bank))

    page = browser.get(f"/rulebooks/{bank.public_id}/")
    refused = browser.get(f"/rulebooks/{bank.public_id}/draft/")

    assert (page.status_code, refused.status_code) == (200, 403)
    assert "Edit rules" not in page.content.decode()


def test_another_institution_s_rulebook_is_not_found(lead_browser: Browser, bank: Institution) -> None:
    other = make_institution("bank-b")

    assert lead_browser.get(f"/rulebooks/{bank.public_id}/").status_code == 200
    assert lead_browser.get(f"/rulebooks/{other.public_id}/").status_code == 404


def test_a_rule_is_changed_by_its_form(lead_browser: Browser, bank: Institution, lead: Actor) -> None:
    version = draft(bank, lead)
    url = f"/rulebooks/{bank.public_id}/draft/rules/0/"
    page = lead_browser.get(url)

    answer = lead_browser.post(url, rule_sent(page))

    version.refresh_from_db()
    assert answer.status_code == 302
    assert version.document["rules"][0]["weight"] == 250
    assert page.context["reads"].endswith("≥ 3")


def test_a_new_rule_makes_the_first_draft_out_of_what_decides(
    lead_browser: Browser, bank: Institution
) -> None:
    url = f"/rulebooks/{bank.public_id}/draft/rules/new/"

    answer = lead_browser.post(url, rule_sent(lead_browser.get(url)))

    rules = RulebookVersion.objects.get().document["rules"]
    assert answer.status_code == 302
    assert len(rules) == len(default_document().rules) + 1
    assert rules[-1]["name"] == "Busy telephone"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weight": "1001"}, "weight"),
        ({"name": ""}, "name"),
        ({"reason": ""}, "reason"),
        ({"row-1-value": "many"}, "__all__"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_keeps_what_was_typed(
    lead_browser: Browser, bank: Institution, lead: Actor, changes: dict[str, str], field: str
) -> None:
    version = draft(bank, lead)
    url = f"/rulebooks/{bank.public_id}/draft/rules/0/"

    answer = lead_browser.post(url, rule_sent(lead_browser.get(url)) | changes)

    kept = version.document
    version.refresh_from_db()
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert next(iter(changes.values())) in answer.content.decode()
    assert version.document == kept


def test_a_button_adds_a_line_and_saves_nothing(
    lead_browser: Browser, bank: Institution, lead: Actor
) -> None:
    version = draft(bank, lead)
    url = f"/rulebooks/{bank.public_id}/draft/rules/0/"
    sent = rule_sent(lead_browser.get(url), name="Typed already", do="links:0")

    answer = lead_browser.post(url, sent, headers=HTMX)

    version.refresh_from_db()
    assert [line.row.kind for line in answer.context["lines"]] == ["all", "test", "links"]
    assert answer.context["form"]["name"].value() == "Typed already"
    assert version.document["rules"][0]["name"] == "Busy telephone"


def test_a_draft_that_somebody_saved_meanwhile_is_not_written_over(
    lead_browser: Browser, bank: Institution, lead: Actor, second_lead: Actor
) -> None:
    draft(bank, lead)
    url = f"/rulebooks/{bank.public_id}/draft/rules/0/"
    page = lead_browser.get(url)
    draft(bank, second_lead, default_document())

    answer = lead_browser.post(url, rule_sent(page))

    assert answer.status_code == 409
    assert "Open the draft again" in answer.content.decode()


def test_the_condition_is_read_as_a_sentence_while_it_is_built(
    lead_browser: Browser, bank: Institution
) -> None:
    url = f"/rulebooks/{bank.public_id}/draft/rules/new/"

    answer = lead_browser.post("/rulebooks/reads/", rule_sent(lead_browser.get(url)), headers=HTMX)

    assert "phone number, 7 days ≥ 3" in answer.content.decode()


def test_bands_are_saved_and_drawn(lead_browser: Browser, bank: Institution, lead: Actor) -> None:
    version = draft(bank, lead)
    url = f"/rulebooks/{bank.public_id}/draft/"
    sent = {"review": "200", "refer": "500", "consortium_alone": "review"}
    sent["based_on"] = lead_browser.get(url).context["based_on"]

    drawn = lead_browser.post(f"{url}bands/", sent, headers=HTMX)
    answer = lead_browser.post(url, sent)

    version.refresh_from_db()
    assert answer.status_code == 302
    assert version.document["bands"] == {"review": 200, "refer": 500}
    assert 'x="200"' in drawn.content.decode()


def test_a_removed_rule_is_gone_from_the_draft(lead_browser: Browser, bank: Institution, lead: Actor) -> None:
    version = draft(bank, lead, default_document())
    url = f"/rulebooks/{bank.public_id}/draft/rules/0/remove/?based_on={version.checksum}"

    answer = lead_browser.post(url)

    version.refresh_from_db()
    assert answer.status_code == 302
    assert default_document().rules[0].name not in [rule["name"] for rule in version.document["rules"]]


def test_a_second_person_publishes_what_one_asked_for(
    lead_browser: Browser, bank: Institution, lead: Actor, second_lead: Actor
) -> None:
    version = draft(bank, lead)

    asked = lead_browser.post(f"/rulebooks/{bank.public_id}/draft/publish/")
    waiting = lead_browser.get(f"/rulebooks/{bank.public_id}/").content.decode()
    approve_request(Approval.objects.get(), by=second_lead, now=makers.NOW)
    page = lead_browser.get(f"/rulebooks/{bank.public_id}/").content.decode()

    assert asked.status_code == 302
    assert "This waits for somebody else." in waiting
    assert "Busy telephone" in page
    assert lead_browser.get(f"/rulebooks/versions/{version.public_id}/").status_code == 200


def test_a_draft_with_problems_is_not_asked_for(
    lead_browser: Browser, bank: Institution, lead: Actor
) -> None:
    draft(bank, lead, RulebookDocument(rules=()))

    page = lead_browser.get(f"/rulebooks/{bank.public_id}/draft/").content.decode()
    answer = lead_browser.post(f"/rulebooks/{bank.public_id}/draft/publish/")

    assert "A rulebook needs at least one rule" in page
    assert answer.status_code == 422
    assert not Approval.objects.exists()


def test_the_shadow_run_begins_and_ends(lead_browser: Browser, bank: Institution, lead: Actor) -> None:
    version = draft(bank, lead)

    lead_browser.post(f"/rulebooks/versions/{version.public_id}/shadow/")
    running = lead_browser.get(f"/rulebooks/{bank.public_id}/").content.decode()
    lead_browser.post(f"/rulebooks/{bank.public_id}/shadow/end/")
    ended = lead_browser.get(f"/rulebooks/{bank.public_id}/").content.decode()

    assert "runs in the shadow" in running
    assert "runs in the shadow" not in ended


def test_two_versions_are_laid_side_by_side(lead_browser: Browser, bank: Institution, lead: Actor) -> None:
    draft(bank, lead)

    page = lead_browser.get(f"/rulebooks/{bank.public_id}/compare/?old=0&new=1")

    assert "Busy telephone" in [line.what for line in page.context["differences"]]
    assert lead_browser.get(f"/rulebooks/{bank.public_id}/compare/?old=0&new=9").status_code == 422


def test_of_a_rule_that_changed_only_what_changed_is_laid_side_by_side(
    lead_browser: Browser, bank: Institution, lead: Actor
) -> None:
    default = default_document()
    first = msgspec.structs.replace(default.rules[0], weight=500, is_on=False)
    draft(bank, lead, msgspec.structs.replace(default, rules=(first, *default.rules[1:])))

    page = lead_browser.get(f"/rulebooks/{bank.public_id}/compare/?old=0&new=1")

    lines = [(line.what, line.part, line.was, line.became) for line in page.context["differences"]]
    assert lines == [
        ("Strong hit", "Weight", "+650", "+500"),
        ("Strong hit", "Switched on", "switched on", "switched off"),
    ]


def test_a_draft_in_the_shadow_says_that_it_cannot_be_changed(
    lead_browser: Browser, bank: Institution, lead: Actor
) -> None:
    set_shadow(draft(bank, lead), by=lead, now=makers.NOW)

    page = lead_browser.get(f"/rulebooks/{bank.public_id}/draft/").content.decode()

    assert "It cannot be changed before that run ends." in page


def test_a_reference_that_nobody_sent_is_refused_where_it_was_typed(
    lead_browser: Browser, bank: Institution
) -> None:
    answer = lead_browser.post(f"/rulebooks/{bank.public_id}/draft/try/", {"reference": "A-404"})

    assert answer.status_code == 422
    assert "reference" in answer.context["form"].errors
    assert "A-404" in answer.content.decode()


@pytest.mark.parametrize("named", ["A-1", "app_1"])
def test_a_draft_is_tried_on_a_stored_application_with_every_rule_explained(
    lead_browser: Browser, bank: Institution, lead: Actor, named: str
) -> None:
    minor = Test(field="is_minor", operator=Operator.IS, value=True)
    rules = (*BOOK.rules, Rule(name="Under age", when=minor, weight=700, reason="birth-date"))
    draft(bank, lead, RulebookDocument(rules=rules))
    screened(bank, 1, is_minor=True)

    page = lead_browser.post(f"/rulebooks/{bank.public_id}/draft/try/", {"reference": named})

    lines, words = page.context["explained"], page.content.decode()
    assert page.status_code == 200
    assert (page.context["decision"].outcome, page.context["decision"].score) == ("refer", 700)
    assert page.context["first"].outcome == "clear"
    assert [(line.name, line.is_fired, line.weight) for line in lines] == [
        ("Under age", True, 700),
        ("Busy telephone", False, 200),
    ]
    assert "Somebody on the application is under 18: yes" in words
    assert "the same phone number, 7 days: 0" in words


def test_a_draft_is_tried_with_what_the_consortium_said_then(
    lead_browser: Browser, bank: Institution, lead: Actor
) -> None:
    strong = Test(field="strong_hits", operator=Operator.AT_LEAST, value=1)
    rule = Rule(name="Hit", when=strong, weight=650, reason="shared-fraud-information")
    draft(bank, lead, RulebookDocument(rules=(rule,)))
    hit = Hit(
        tier=Tier.STRONG,
        kinds=("sin",),
        fraud_type=FraudType.MONEY_MULE,
        role=RecordRole.MULE,
        month="2026-01",
        members="1-2",
    )
    for number, is_degraded in ((1, False), (2, True)):
        application = screened(bank, number, is_minor=False)
        application.screenings.update(hits=[msgspec.to_builtins(hit)], is_degraded=is_degraded)
    url = f"/rulebooks/{bank.public_id}/draft/try/"

    answered = lead_browser.post(url, {"reference": "A-1"})
    unanswered = lead_browser.post(url, {"reference": "A-2"})

    assert (answered.context["decision"].score, unanswered.context["decision"].score) == (650, 0)
    assert "had not answered" in unanswered.content.decode()


def test_a_draft_is_not_tried_on_another_banks_application(
    lead_browser: Browser, bank: Institution, lead: Actor
) -> None:
    draft(bank, lead)
    screened(make_institution("bank-b"), 1, is_minor=True)

    answer = lead_browser.post(f"/rulebooks/{bank.public_id}/draft/try/", {"reference": "A-1"})

    assert answer.status_code == 422
