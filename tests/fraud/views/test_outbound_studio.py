"""The studio of outbound mappings: from generated applications to a published mapping for a case system."""

from typing import Any

import msgspec
import pytest
from django.test import Client as Browser

from fraud.models import GoldenSample, Institution, Mapping
from fraud.operations.mappings.drafting import create_mapping
from fraud.operations.mappings.publishing import MAPPING
from fraud.rules.canonical import to_json
from fraud.rules.translation import Direction
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from portal.approvals.operations import approve_request
from portal.approvals.queries import request_about
from portal.core import clock
from tests import makers
from tests.cast import signed_in
from tests.makers_fraud import canonical, make_institution

pytestmark = pytest.mark.django_db
FIELDS: list[tuple[str, str, str]] = [
    ("CASE_REF", "reference", "[]"),
    ("NAME", "parties[0].family_name", '[{"step":"case","to":"upper"}]'),
    ("amount", "amount", '[{"step":"money"}]'),
]


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
def browser(lead: Actor) -> Browser:
    return signed_in(lead)


@pytest.fixture
def mapping(bank: Institution, lead: Actor) -> Mapping:
    return create_mapping(bank, name="case-out", direction=Direction.CASE_SYSTEM, by=lead, now=makers.NOW)


def press(browser: Browser, mapping: Mapping, fields: Any = FIELDS, **changes: Any) -> Any:
    sent = {"kind": "jsonl", "time_zone": "UTC", "fields": str(len(fields)), "open": "-1", "based_on": ""}
    for number, (target, source, steps) in enumerate(fields):
        sent |= {f"field-{number}-target": target, f"field-{number}-source": source}
        sent[f"field-{number}-steps"] = steps
    return browser.post(f"/mappings/{mapping.public_id}/draft/", sent | changes)


@pytest.mark.parametrize("direction", ["case-system", "consortium"])
def test_sets_up_a_mapping_in_either_direction_outwards(
    browser: Browser, bank: Institution, direction: str
) -> None:
    given = {"institution": bank.public_id, "name": "out", "direction": direction}

    answer = browser.post("/mappings/new/", given)
    refused = browser.post("/mappings/new/", given | {"name": "other", "direction": "sideways"})

    assert (answer.status_code, refused.status_code) == (302, 422)
    assert Mapping.objects.get().direction == direction
    assert browser.get(answer["Location"]).status_code == 200


def test_shows_people_who_do_not_exist_beside_what_becomes_of_them(
    browser: Browser, mapping: Mapping
) -> None:
    page = press(browser, mapping, do="refresh").content.decode()

    assert "G41-00000000" in page
    assert "CASE_REF" in page
    assert page.count("What it becomes") == 3
    assert "Mend the problems" not in page


def test_begins_with_the_usual_fields(browser: Browser, mapping: Mapping) -> None:
    page = press(browser, mapping, [], do="propose").content.decode()

    assert 'value="parties[0].family_name"' in page
    assert 'value="family_name"' in page


def test_one_more_field_gets_a_name_of_its_own(browser: Browser, mapping: Mapping) -> None:
    page = press(browser, mapping, do="add", target="parties[1].family_name").content.decode()
    again = press(
        browser,
        mapping,
        [*FIELDS, ("family_name", "parties[1].family_name", "[]")],
        do="add",
        target="parties[0].family_name",
    ).content.decode()

    assert 'value="family_name"' in page
    assert 'value="family_name_2"' in again


def test_a_source_that_is_no_canonical_field_is_a_problem(browser: Browser, mapping: Mapping) -> None:
    page = press(browser, mapping, [("NAME", "parties[0].shoe_size", "[]")], do="refresh").content.decode()

    assert "field-error" in page


def test_a_pasted_application_that_is_none_says_so(browser: Browser, mapping: Mapping) -> None:
    good = to_json(canonical("A-7")).decode()

    page = press(browser, mapping, do="refresh", sample=f'{good}\n{{"reference": "A-8"}}').content.decode()

    assert "A-7" in page
    assert "This is no canonical application." in page


def test_is_kept_published_and_given_as_a_document(
    browser: Browser, mapping: Mapping, bank: Institution
) -> None:
    press(browser, mapping, do="save")
    version = mapping.versions.get()
    press(browser, mapping, do="keep:1", sample_name="A card", based_on=version.checksum)
    browser.post(f"/mappings/versions/{version.public_id}/publish/")
    request = request_about(MAPPING, version)
    assert request is not None

    approve_request(request, by=makers.an_actor("Sami Second", Role.LEAD, bank), now=makers.NOW)

    mapping.refresh_from_db()
    sample = GoldenSample.objects.get()
    document = browser.get(f"/mappings/versions/{version.public_id}/document.json")
    page = browser.get(f"/mappings/{mapping.public_id}/").content.decode()
    masked = browser.get(f"/mappings/samples/{sample.public_id}/").content.decode()
    assert mapping.live == version
    assert msgspec.json.decode(document.content)["direction"] == "case-system"
    assert "CASE_REF" in page
    assert "G41-00000000" not in masked


def test_nobody_else_gets_the_document(browser: Browser, mapping: Mapping) -> None:
    press(browser, mapping, do="save")
    version = mapping.versions.get()
    other = signed_in(makers.an_actor("Boris Bank", Role.LEAD, make_institution("bank-b")))

    answer = other.get(f"/mappings/versions/{version.public_id}/document.json")

    assert answer.status_code == 404
