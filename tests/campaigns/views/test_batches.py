"""Pages of batches: delivery as it happens, the receipt, activation, and what no longer counts."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from campaigns.models import Batch, Campaign, Market, Printer, VoidRange
from campaigns.rules.states import BatchState, FileState
from tests import makers

S = BatchState


@pytest.fixture
def campaign(mexico: Market) -> Campaign:
    return makers.make_campaign(market=mexico)


def sums(batch: Batch) -> str:
    """What sha256sum prints for the files of a batch."""
    return "\n".join(f"{value}  {name}" for name, value in makers.receipt_for(batch)["sha256"].items())


def state_of(batch: Batch) -> str:
    return makers.fetched(batch).state


def test_a_batch_shows_its_files_with_size_and_hash(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.delivered_batch(campaign, quantity=250)

    page = marketer_browser.get(f"/batches/{batch.public_id}/").content.decode()

    assert batch.files.count() == 3
    assert all(file.sha256 in page for file in batch.files.all())
    assert "This waits for the printer." in page


def test_a_batch_never_shows_a_live_code(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign, quantity=20)

    page = marketer_browser.get(f"/batches/{batch.public_id}/").content.decode()

    assert not [code for code in makers.printed_codes(batch) if code in page]


def test_a_batch_of_somebody_else_is_not_found(outsider_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign)
    places = ("", "delivery/", "manifest/", "approve/", "cancel/", "recall/", "void-range/", "schedule/")

    answers = [outsider_browser.get(f"/batches/{batch.public_id}/{place}").status_code for place in places]

    # A marketer elsewhere holds every act but approving, which fails one step earlier.
    assert answers == [404, 404, 404, 403, 404, 404, 404, 404]


def test_a_printer_sees_the_batches_made_for_it_alone(
    printer_browser: Browser, press: Printer, campaign: Campaign
) -> None:
    mine = makers.planned_batch(campaign, printer=press)
    other = makers.planned_batch(campaign)

    page = printer_browser.get("/batches/").content.decode()

    assert mine.public_id in page
    assert other.public_id not in page


def test_a_printer_is_not_told_what_consumers_redeemed(
    printer_browser: Browser, approver_browser: Browser, press: Printer, campaign: Campaign
) -> None:
    batch = makers.delivered_batch(campaign, printer=press)

    for address in ("/batches/", f"/batches/{batch.public_id}/"):
        assert "Redeemed" not in printer_browser.get(address).content.decode()
        assert "Redeemed" in approver_browser.get(address).content.decode()


def test_a_delivery_is_shown_as_it_happens(approver_browser: Browser, campaign: Campaign) -> None:
    batch = makers.approved_batch(campaign, quantity=250)

    answer = approver_browser.get(f"/batches/{batch.public_id}/")

    page = answer.content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert f"/batches/{batch.public_id}/delivery/?state=approved" in page
    assert "0 of 3 files" in page


def test_the_page_comes_anew_once_the_state_has_moved_on(
    approver_browser: Browser, campaign: Campaign
) -> None:
    batch = makers.delivered_batch(campaign)

    answer = approver_browser.get(f"/batches/{batch.public_id}/delivery/?state=delivering")

    assert answer["HX-Refresh"] == "true"


def test_the_fragment_alone_comes_while_the_state_is_the_same(
    approver_browser: Browser, campaign: Campaign
) -> None:
    batch = makers.approved_batch(campaign)

    page = approver_browser.get(f"/batches/{batch.public_id}/delivery/?state=approved").content.decode()

    assert page.lstrip().startswith('<div id="delivery"')
    assert "<html" not in page


def test_a_failed_file_says_why_and_how_to_mend_it(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.approved_batch(campaign)
    says = "The bucket press does not exist."
    Batch.objects.filter(pk=batch.pk).update(state=S.DELIVERING)
    batch.files.update(state=FileState.FAILED, problem=says)

    page = marketer_browser.get(f"/batches/{batch.public_id}/").content.decode()
    answer = marketer_browser.post(f"/batches/{batch.public_id}/retry/")

    assert says in page
    assert f"/batches/{batch.public_id}/retry/" in page
    assert answer.status_code == 302
    assert not batch.files.exclude(state=FileState.WAITING).exists()


def test_nothing_to_try_again_is_refused(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.approved_batch(campaign)

    answer = marketer_browser.post(f"/batches/{batch.public_id}/retry/")

    assert answer.status_code == 409


def test_the_manifest_comes_as_the_bytes_that_were_signed(
    marketer_browser: Browser, campaign: Campaign
) -> None:
    batch = makers.delivered_batch(campaign)

    answer = marketer_browser.get(f"/batches/{batch.public_id}/manifest/")

    assert answer.content.decode() == batch.manifest
    assert "attachment" in answer["Content-Disposition"]


def test_there_is_no_manifest_before_the_last_file(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign)

    answer = marketer_browser.get(f"/batches/{batch.public_id}/manifest/")

    assert answer.status_code == 404


def test_cancelling_needs_a_reason(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign)

    refused = marketer_browser.post(f"/batches/{batch.public_id}/cancel/", {"reason": " "})
    done = marketer_browser.post(f"/batches/{batch.public_id}/cancel/", {"reason": "Wrong lot"})

    assert refused.status_code == 422
    assert done.status_code == 302
    assert state_of(batch) == S.CANCELLED


def test_the_printer_acknowledges_with_the_output_of_sha256sum(
    printer_browser: Browser, press: Printer, campaign: Campaign
) -> None:
    batch = makers.delivered_batch(campaign, printer=press)
    receipt = {"count": "50", "hashes": sums(batch)}

    answer = printer_browser.post(f"/batches/{batch.public_id}/acknowledge/", receipt)

    assert answer.status_code == 302
    assert state_of(batch) == S.ACKNOWLEDGED


def test_the_printer_acknowledges_with_an_uploaded_manifest(
    printer_browser: Browser, press: Printer, campaign: Campaign
) -> None:
    batch = makers.delivered_batch(campaign, printer=press)
    upload = SimpleUploadedFile("manifest.json", batch.manifest.encode())

    printer_browser.post(f"/batches/{batch.public_id}/acknowledge/", {"count": "50", "manifest": upload})

    assert state_of(batch) == S.ACKNOWLEDGED


def test_another_count_disputes_the_batch_and_shows_the_difference(
    printer_browser: Browser, press: Printer, campaign: Campaign
) -> None:
    batch = makers.delivered_batch(campaign, printer=press)
    receipt = {"count": "49", "hashes": sums(batch)}

    printer_browser.post(f"/batches/{batch.public_id}/acknowledge/", receipt)
    page = printer_browser.get(f"/batches/{batch.public_id}/").content.decode()

    assert state_of(batch) == S.DISPUTED
    assert "Where receipt and delivery differ" in page


@pytest.mark.parametrize("hashes", ["", "abc  file.age", '{"files": 1}', "{"])
def test_hashes_that_are_none_are_refused_before_anything_changes(
    printer_browser: Browser, press: Printer, campaign: Campaign, hashes: str
) -> None:
    batch = makers.delivered_batch(campaign, printer=press)

    answer = printer_browser.post(
        f"/batches/{batch.public_id}/acknowledge/", {"count": "50", "hashes": hashes}
    )

    assert answer.status_code == 422
    assert "hashes" in answer.context["form"].errors
    assert state_of(batch) == S.DELIVERED


def test_a_marketer_may_not_acknowledge(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.delivered_batch(campaign)

    answer = marketer_browser.post(f"/batches/{batch.public_id}/acknowledge/", {"count": "50"})

    assert answer.status_code == 403


def test_activating_makes_an_acknowledged_batch_active(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.acknowledged_batch(campaign)

    answer = marketer_browser.post(f"/batches/{batch.public_id}/activate/")

    assert answer.status_code == 302
    assert state_of(batch) == S.ACTIVE


def test_a_batch_that_was_not_acknowledged_cannot_be_activated(
    marketer_browser: Browser, campaign: Campaign
) -> None:
    batch = makers.delivered_batch(campaign)

    answer = marketer_browser.post(f"/batches/{batch.public_id}/activate/")

    assert answer.status_code == 409
    assert state_of(batch) == S.DELIVERED


def test_an_activation_is_scheduled_by_the_clocks_of_the_market(
    marketer_browser: Browser, campaign: Campaign
) -> None:
    batch = makers.acknowledged_batch(campaign)
    when = {"activates_at": "2026-07-01T08:00"}

    answer = marketer_browser.post(f"/batches/{batch.public_id}/schedule/", when)

    batch.refresh_from_db()
    assert answer.status_code == 302
    assert batch.activates_at is not None
    assert batch.activates_at.isoformat() == "2026-07-01T14:00:00+00:00"


def test_an_activation_in_the_past_is_refused(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.acknowledged_batch(campaign)

    answer = marketer_browser.post(
        f"/batches/{batch.public_id}/schedule/", {"activates_at": "2026-06-01T08:00"}
    )

    assert answer.status_code == 422
    assert "activates_at" in answer.context["form"].errors


def test_a_recall_needs_a_reason_and_the_typed_word(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign)
    reason = {"reason": "The reel was stolen"}

    without = marketer_browser.post(f"/batches/{batch.public_id}/recall/", reason)
    done = marketer_browser.post(f"/batches/{batch.public_id}/recall/", reason | {"word": "recall"})

    assert without.status_code == 422
    assert done.status_code == 302
    assert state_of(batch) == S.RECALLED


def test_a_range_of_serials_is_made_void(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign)
    serials = {"first_serial": "10", "last_serial": "19", "reason": "Spoilt"}

    answer = marketer_browser.post(f"/batches/{batch.public_id}/void-range/", serials)

    void = VoidRange.objects.get()
    assert answer.status_code == 302
    assert (void.serials.lower, void.serials.upper) == (10, 20)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"first_serial": "19", "last_serial": "10"}, 422),
        ({"last_serial": "100000"}, 422),
        ({"reason": ""}, 422),
        ({"first_serial": "-1"}, 422),
        ({"first_serial": "5"}, 409),
    ],
)
def test_a_range_that_cannot_be_is_refused(
    marketer_browser: Browser, campaign: Campaign, changes: dict[str, str], status: int
) -> None:
    batch = makers.active_batch(campaign)
    address = f"/batches/{batch.public_id}/void-range/"
    marketer_browser.post(address, {"first_serial": "0", "last_serial": "5", "reason": "Spoilt"})

    wanted = {"first_serial": "10", "last_serial": "19", "reason": "Spoilt"} | changes
    answer = marketer_browser.post(address, wanted)

    assert answer.status_code == status
    assert VoidRange.objects.count() == 1


def test_codes_given_back_are_made_void(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign)
    codes = makers.printed_codes(batch)[:3]

    answer = marketer_browser.post(
        f"/batches/{batch.public_id}/void-codes/", {"codes": "\n".join(codes), "reason": "Given back"}
    )

    assert answer.status_code == 302
    assert sum(void.serials.upper - void.serials.lower for void in VoidRange.objects.all()) == 3


def test_a_code_given_back_twice_is_counted_once(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign)
    codes = [*makers.printed_codes(batch)[:3], makers.printed_codes(batch)[0]]

    page = marketer_browser.post(
        f"/batches/{batch.public_id}/void-codes/",
        {"codes": "\n".join(codes), "reason": "Given back"},
        follow=True,
    )

    assert "3 codes are void." in page.content.decode()


def test_a_code_of_no_batch_is_named_by_its_line(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign)
    codes = [makers.a_code(batch), "nonsense"]

    answer = marketer_browser.post(
        f"/batches/{batch.public_id}/void-codes/", {"codes": "\n".join(codes), "reason": "Given back"}
    )

    assert answer.status_code == 422
    assert "line 2" in str(answer.context["form"].errors["codes"])
    assert not VoidRange.objects.exists()


def test_a_test_file_is_sent_to_the_printer(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign)

    answer = marketer_browser.post(f"/batches/{batch.public_id}/test-file/", follow=True)

    assert f"{batch.public_id}-test.csv.age lies in the printer" in answer.content.decode()
    assert makers.lying_there(batch, f"{batch.public_id}-test.csv.age")


def test_a_test_file_that_cannot_be_sent_says_why(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.planned_batch(campaign, printer=makers.make_printer(has_bucket=False))

    answer = marketer_browser.post(f"/batches/{batch.public_id}/test-file/", follow=True)

    assert "The test file was not sent." in answer.content.decode()
    assert batch.printer.bucket in answer.content.decode()


def test_the_timeline_names_who_did_what(marketer_browser: Browser, campaign: Campaign) -> None:
    batch = makers.active_batch(campaign)

    events = marketer_browser.get(f"/batches/{batch.public_id}/").context["events"]

    told = [f"{event.who} {event.what}" for event in events]
    assert "Arturo Approver approved the batch" in told
    assert told[-1] == "Mariana Marketer planned the batch"
    assert not [line for line in told if "." in line]


@pytest.mark.parametrize("rows", [1, 6])
def test_the_list_of_batches_costs_the_same_however_long(
    marketer_browser: Browser, campaign: Campaign, press: Printer, rows: int, django_assert_num_queries: Any
) -> None:
    for _number in range(rows):
        makers.planned_batch(campaign, printer=press)
    marketer_browser.get("/batches/")

    with django_assert_num_queries(LIST_QUERIES):
        marketer_browser.get("/batches/")


@pytest.mark.parametrize("quantity", [50, 900])
def test_a_batch_costs_the_same_however_many_files_it_has(
    marketer_browser: Browser, campaign: Campaign, quantity: int, django_assert_num_queries: Any
) -> None:
    batch = makers.planned_batch(campaign, quantity=quantity)
    marketer_browser.get(f"/batches/{batch.public_id}/")

    with django_assert_num_queries(DETAIL_QUERIES):
        marketer_browser.get(f"/batches/{batch.public_id}/")


LIST_QUERIES = 11
DETAIL_QUERIES = 19


def test_hands_out_the_key_that_verifies_manifests(printer_browser, client):
    answer = printer_browser.get("/manifest-key/")

    assert answer.content.startswith(b"-----BEGIN PUBLIC KEY-----")
    assert client.get("/manifest-key/").status_code == 302
