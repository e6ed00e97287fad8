"""Pages of mappings: from a pasted sample to a published mapping, with tests kept on the way."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

import portal.urls
import portal.web.templatetags.pages  # noqa: F401
from fraud.models import GoldenSample, Institution, Mapping, MappingVersion
from fraud.operations.mappings.drafting import create_mapping
from fraud.rules.translation import Direction
from portal.accounts.actors import Actor
from portal.accounts.roles import Role
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request
from portal.audit.models import Entry
from portal.core import clock
from tests import makers
from tests.cast import signed_in
from tests.makers_fraud import make_institution

pytestmark = pytest.mark.django_db
SAMPLE = """app_no,product,amount,submitted,last_name,first_name,sin
A-1,LOAN,1500.00,2026-03-01T10:00:00Z,Tremblay,Luc,046 454 286
A-2,LOAN,2500.00,2026-03-01T11:00:00Z,Roy,Anne,046 454 287
"""
LAYOUT = {"kind": "csv", "encoding": "detect", "delimiter": ",", "has_header": "on", "time_zone": "UTC"}
FIELDS: list[tuple[str, str, str]] = [
    ("reference", "app_no", "[]"),
    ("product", "product", '[{"step":"case","to":"lower"}]'),
    ("amount", "amount", '[{"step":"money"}]'),
    ("submitted_at", "submitted", '[{"step":"date","format":"instant"}]'),
    ("parties[0].family_name", "last_name", "[]"),
    ("parties[0].national_id", "sin", '[{"step":"sin"}]'),
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
def lead_browser(lead: Actor) -> Browser:
    return signed_in(lead)


@pytest.fixture
def mapping(bank: Institution, lead: Actor) -> Mapping:
    return create_mapping(bank, name="loans-csv", direction=Direction.INBOUND, by=lead, now=makers.NOW)


def sent(**changes: Any) -> dict[str, Any]:
    fields = {"fields": str(len(FIELDS)), "open": "-1", "based_on": "", "sample": SAMPLE}
    for number, (target, source, steps) in enumerate(FIELDS):
        fields |= {f"field-{number}-target": target, f"field-{number}-source": source}
        fields[f"field-{number}-steps"] = steps
    return {**LAYOUT, **fields, **changes}


def press(browser: Browser, mapping: Mapping, **changes: Any) -> Any:
    return browser.post(f"/mappings/{mapping.public_id}/draft/", sent(**changes))


def checksum(mapping: Mapping) -> str:
    return mapping.versions.get().checksum


def test_a_lead_sets_up_a_mapping(lead_browser: Browser, bank: Institution) -> None:
    answer = lead_browser.post("/mappings/new/", {"institution": bank.public_id, "name": "cards"})

    mapping = Mapping.objects.get()
    assert answer.status_code == 302
    assert f"/mappings/{mapping.public_id}/draft/" in answer.headers["Location"]
    assert mapping.name in lead_browser.get("/mappings/").content.decode()


def test_a_name_that_no_system_could_send_is_refused(lead_browser: Browser, bank: Institution) -> None:
    answer = lead_browser.post("/mappings/new/", {"institution": bank.public_id, "name": "Ça va"})

    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors


def test_fields_are_proposed_from_a_pasted_sample(lead_browser: Browser, mapping: Mapping) -> None:
    answer = press(lead_browser, mapping, fields="0", do="propose")

    found = {field.target: field for field in answer.context["fields"]}
    assert found["parties[0].family_name"].source == "last_name"
    assert found["parties[0].national_id"].confidence
    assert not MappingVersion.objects.exists()


def test_an_uploaded_sample_is_shown_and_nothing_of_it_is_stored(
    lead_browser: Browser, mapping: Mapping
) -> None:
    upload = SimpleUploadedFile("sample.csv", SAMPLE.replace("Luc", "Zoé").encode("cp1252"))

    answer = press(lead_browser, mapping, sample="", file=upload, do="refresh")

    assert "Zoé" in answer.content.decode()
    assert not MappingVersion.objects.exists()
    assert not GoldenSample.objects.exists()


def test_a_file_that_is_too_large_is_refused_beside_its_field(
    lead_browser: Browser, mapping: Mapping
) -> None:
    upload = SimpleUploadedFile("sample.csv", b"a" * 200_000)

    answer = press(lead_browser, mapping, file=upload, do="refresh")

    assert "file" in answer.context["form"].errors


def test_each_record_stands_beside_what_becomes_of_it(lead_browser: Browser, mapping: Mapping) -> None:
    answer = press(lead_browser, mapping, do="refresh")

    first, second = answer.context["sides"]
    assert ("Reference", "A-1") in first.became
    assert [(fault[1]) for fault in second.faults] == ["sin-check-digit"]


def test_a_saved_draft_keeps_fields_and_no_sample(lead_browser: Browser, mapping: Mapping) -> None:
    answer = press(lead_browser, mapping, do="save")

    document = mapping.versions.get().document
    assert answer.status_code == 200
    assert [field["target"] for field in document["fields"]] == [target for target, _s, _t in FIELDS]
    assert "Tremblay" not in str(document)


def test_a_draft_that_somebody_saved_meanwhile_is_not_written_over(
    lead_browser: Browser, mapping: Mapping
) -> None:
    press(lead_browser, mapping, do="save")
    before = checksum(mapping)

    answer = press(lead_browser, mapping, do="save", **{"field-0-source": "product"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else saved this draft" in page
    assert 'value="product"' in page
    assert f'value="replace:{before}"' in page
    assert checksum(mapping) == before


def test_what_the_page_began_with_stays_whatever_is_pressed_before_saving(
    lead_browser: Browser, mapping: Mapping
) -> None:
    press(lead_browser, mapping, do="save")

    refreshed = press(lead_browser, mapping, do="refresh", based_on="")
    answer = press(lead_browser, mapping, do="save", based_on=refreshed.context["based_on"])

    assert (refreshed.status_code, answer.status_code) == (200, 409)


def test_one_s_own_draft_is_saved_in_place_of_another_s_when_one_says_so(
    lead_browser: Browser, mapping: Mapping
) -> None:
    press(lead_browser, mapping, do="save")
    mine = {"field-0-source": "product"}
    refused = press(lead_browser, mapping, do="save", **mine)

    answer = press(lead_browser, mapping, do=f"replace:{refused.context['there']}", **mine)

    assert answer.status_code == 200
    assert mapping.versions.get().document["fields"][0]["source"] == "product"


def test_steps_are_added_and_changed_by_form(lead_browser: Browser, mapping: Mapping) -> None:
    opened = press(lead_browser, mapping, do="open:0")
    added = press(lead_browser, mapping, open="0", steps="0", do="step:add")
    closed = press(
        lead_browser,
        mapping,
        open="0",
        steps="1",
        do="close",
        **{"step-0-kind": "case", "step-0-to": "upper"},
    )

    assert opened.context["studio"].opened == 0
    assert [form.step_kind for form in added.context["studio"].steps] == ["trim"]
    assert closed.context["fields"][0].steps == ("UPPER CASE",)
    assert closed.context["studio"].opened == -1


def test_a_step_that_makes_no_sense_keeps_its_field_open(lead_browser: Browser, mapping: Mapping) -> None:
    step = {"step-0-kind": "split", "step-0-separator": "", "step-0-part": "99"}

    answer = press(lead_browser, mapping, open="0", steps="1", do="save", **step)

    assert answer.status_code == 422
    assert set(answer.context["studio"].steps[0].errors) == {"separator", "part"}
    assert 'value="99"' in answer.content.decode()
    assert not MappingVersion.objects.exists()


def test_a_record_is_kept_as_a_test_once_the_draft_is_saved(lead_browser: Browser, mapping: Mapping) -> None:
    too_early = press(lead_browser, mapping, do="keep:1")
    press(lead_browser, mapping, do="save")
    kept = press(lead_browser, mapping, do="keep:1", sample_name="A loan", based_on=checksum(mapping))

    sample = GoldenSample.objects.get()
    assert (too_early.status_code, kept.status_code) == (409, 200)
    assert sample.name == "A loan"
    assert b"Tremblay" not in bytes(sample.sealed_record)


def test_a_record_that_is_refused_is_not_kept(lead_browser: Browser, mapping: Mapping) -> None:
    press(lead_browser, mapping, do="save")

    answer = press(lead_browser, mapping, do="keep:2", based_on=checksum(mapping))

    assert answer.status_code == 422
    assert not GoldenSample.objects.exists()


@pytest.fixture
def kept(lead_browser: Browser, mapping: Mapping) -> str:
    """The address of a record that is kept as a test."""
    press(lead_browser, mapping, do="save")
    press(lead_browser, mapping, do="keep:1", sample_name="A loan", based_on=checksum(mapping))
    return f"/mappings/samples/{GoldenSample.objects.get().public_id}/"


def test_a_kept_test_is_shown_by_its_shape(lead_browser: Browser, kept: str) -> None:
    page = lead_browser.get(kept).content.decode()

    assert "Xxxxxxxx" in page
    assert "9999-99-99" in page
    for secret in ("Tremblay", "046454286", "1988"):
        assert secret not in page
    assert Entry.objects.filter(act="golden_sample.read").count() == 1


def test_whoever_sees_a_kept_test_whole_says_so_and_is_written_down(lead_browser: Browser, kept: str) -> None:
    asked = lead_browser.get(f"{kept}reveal/").content.decode()
    none_yet = Entry.objects.filter(act="golden_sample.revealed").count()

    shown = lead_browser.post(f"{kept}reveal/").content.decode()

    assert "Tremblay" not in asked
    assert "Tremblay" in shown
    assert (none_yet, Entry.objects.filter(act="golden_sample.revealed").count()) == (0, 1)


def test_who_may_read_mappings_sees_shapes_and_nobody_whole(
    bank: Institution, mapping: Mapping, kept: str
) -> None:
    browser = signed_in(makers.an_actor("Aude Auditor", Role.AUDITOR, bank))

    page = browser.get(kept).content.decode()

    assert "Xxxxxxxx" in page
    assert "reveal/" not in page
    assert (browser.get(f"{kept}reveal/").status_code, browser.post(f"{kept}reveal/").status_code) == (
        403,
        403,
    )
    assert "/remove/" not in browser.get(f"/mappings/{mapping.public_id}/").content.decode()


def test_a_second_person_publishes_what_one_asked_for(
    lead_browser: Browser, bank: Institution, mapping: Mapping
) -> None:
    press(lead_browser, mapping, do="save")
    version = mapping.versions.get()

    asked = lead_browser.post(f"/mappings/versions/{version.public_id}/publish/")
    other = makers.an_actor("Luc Lead", Role.LEAD, bank)
    approve_request(Approval.objects.get(), by=other, now=makers.NOW)
    page = lead_browser.get(f"/mappings/{mapping.public_id}/").content.decode()

    assert asked.status_code == 302
    assert "app_no" in page
    assert lead_browser.get(f"/mappings/versions/{version.public_id}/").status_code == 200
    assert lead_browser.get(f"/mappings/{mapping.public_id}/compare/").status_code == 200


def test_who_may_only_read_opens_no_studio_and_no_test(bank: Institution, mapping: Mapping) -> None:
    browser = signed_in(makers.an_actor("Aude Auditor", Role.AUDITOR, bank))

    assert browser.get(f"/mappings/{mapping.public_id}/").status_code == 200
    assert browser.get(f"/mappings/{mapping.public_id}/draft/").status_code == 403
    assert browser.get("/mappings/samples/gol_nothing/").status_code == 404
    assert browser.get("/mappings/samples/gol_nothing/reveal/").status_code == 403


def test_another_institution_s_mapping_is_not_found(lead: Actor, mapping: Mapping) -> None:
    other = signed_in(makers.an_actor("Bo Lead", Role.LEAD, make_institution("bank-b")))

    assert signed_in(lead).get(f"/mappings/{mapping.public_id}/draft/").status_code == 200
    assert other.get(f"/mappings/{mapping.public_id}/draft/").status_code == 404
