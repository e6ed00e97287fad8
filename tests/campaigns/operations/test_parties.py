"""Setting up markets, brands and printers, and asking whether a printer's bucket would take a delivery."""

from dataclasses import replace

import pyrage
import pytest

from campaigns.models import Printer
from campaigns.operations.parties import (
    change_brand,
    change_market,
    change_printer,
    check_printer,
    create_brand,
    create_market,
    create_printer,
)
from campaigns.operations.presses import deliver_test_file
from campaigns.queries.codebooks import codebook
from portal.accounts.operations.people import AlreadyThereError
from portal.audit.queries import history
from portal.core.errors import ForbiddenError, InvalidError
from portal.core.storage import Trial
from portal.core.storage_errors import StorageError
from tests import makers
from tests.makers import NOW, market_facts, printer_facts

pytestmark = pytest.mark.django_db


# ── Markets and brands ───────────────────────────────────────────────────────────────────────────────────


def test_an_operator_sets_up_a_market(operator):
    market = create_market(market_facts("MX"), by=operator, now=NOW)

    assert (market.code, market.time_zone, market.kind) == ("mx", "America/Mexico_City", "market")
    assert history(market).get().act == "market.created"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("code", {"code": "m x"}),
        ("code", {"code": ""}),
        ("time_zone", {"time_zone": "Mexico"}),
        ("time_zone", {"time_zone": "../etc/passwd"}),
        ("currency", {"currency": "MX"}),
        ("currency", {"currency": "M€N"}),
        ("guess_odds_floor", {"guess_odds_floor": 0}),
        ("guess_odds_floor", {"guess_odds_floor": 10**16}),
    ],
)
def test_refuses_a_market_that_makes_no_sense(operator, field, changes):
    with pytest.raises(InvalidError) as refused:
        create_market(replace(market_facts(), **changes), by=operator, now=NOW)

    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize(("field", "changes"), [("name", {"code": "other"}), ("code", {"name": "Other"})])
def test_refuses_a_market_that_is_there_already(operator, mexico, field, changes):
    with pytest.raises(AlreadyThereError) as refused:
        create_market(replace(market_facts(), **changes), by=operator, now=NOW)

    assert set(refused.value.fields) == {field}


def test_a_market_keeps_its_name_when_something_else_changes(operator, mexico):
    changed = change_market(mexico, market_facts(guess_odds_floor=5_000_000), by=operator, now=NOW)

    assert changed.guess_odds_floor == 5_000_000


def test_a_marketer_cannot_set_up_a_market(marketer):
    with pytest.raises(ForbiddenError):
        create_market(market_facts("fr"), by=marketer, now=NOW)


def test_an_operator_sets_up_and_renames_a_brand(operator):
    brand = create_brand("Lumo Cola", code="lumo", by=operator, now=NOW)

    assert change_brand(brand, name="Lumo", code="lumo", by=operator, now=NOW).name == "Lumo"


@pytest.mark.parametrize(("field", "name", "code"), [("name", "Lumo Cola", "x"), ("code", "X", "lumo")])
def test_refuses_a_brand_that_is_there_already(operator, lumo, field, name, code):
    with pytest.raises(AlreadyThereError) as refused:
        create_brand(name, code=code, by=operator, now=NOW)

    assert set(refused.value.fields) == {field}


# ── Printers ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_operator_sets_up_a_printer(operator):
    facts = printer_facts(prefix="/in/codes/", recipients=(f" {makers.RECIPIENT} ", makers.RECIPIENT, ""))

    created = create_printer(facts, by=operator, now=NOW)

    assert created.recipients == [makers.RECIPIENT]
    assert created.prefix == "in/codes"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": ""}),
        ("rows_per_file", {"rows_per_file": 0}),
        ("rows_per_file", {"rows_per_file": 10_000_001}),
        ("layout", {"layout": {}}),
        ("layout", {"layout": {"columns": [{"name": "serial", "source": "serial"}]}}),
        ("layout", {"layout": {"columns": [{"name": "code", "source": "password"}]}}),
        ("recipients", {"recipients": ()}),
        ("recipients", {"recipients": ("age1nonsense",)}),
        ("recipients", {"recipients": ("ssh-ed25519 AAAA",)}),
        ("recipients", {"recipients": (makers.RECIPIENT, "x")}),
        ("contact_email", {"contact_email": "nobody"}),
        ("credentials", {"credentials": "nobody-set-these"}),
        ("credentials", {"endpoint_url": "https://s3.example.com", "credentials": ""}),
        ("endpoint_url", {"endpoint_url": "ftp://s3.example.com"}),
    ],
)
def test_refuses_a_printer_that_makes_no_sense(operator, field, changes):
    with pytest.raises(InvalidError) as refused:
        create_printer(printer_facts(**changes), by=operator, now=NOW)

    assert set(refused.value.fields) == {field}


def test_says_so_when_somebody_pastes_a_secret_key(operator):
    with pytest.raises(InvalidError, match="SECRET key"):
        create_printer(printer_facts(recipients=(str(makers.IDENTITY),)), by=operator, now=NOW)


def test_refuses_a_printer_that_is_there_already(operator, press):
    with pytest.raises(AlreadyThereError):
        create_printer(printer_facts(name=press.name), by=operator, now=NOW)


def test_a_marketer_cannot_change_a_printer(marketer, press):
    with pytest.raises(ForbiddenError):
        change_printer(press, printer_facts(name=press.name), by=marketer, now=NOW)


def test_a_printer_whose_bucket_works_passes_the_test(operator, press):
    steps = check_printer(press, by=operator, now=NOW)

    press.refresh_from_db()
    assert [step.is_ok for step in steps] == [True, True, True, True]
    assert (press.test_passed, press.tested_at, len(press.test_steps)) == (True, NOW, 4)


def test_a_printer_whose_key_is_none_fails_the_test_in_words(operator, press):
    Printer.objects.filter(pk=press.pk).update(recipients=["age1nobody"])
    press.refresh_from_db()

    steps = check_printer(press, by=operator, now=NOW)

    assert [step.trial for step in steps if not step.is_ok] == [Trial.ENCRYPT]
    assert "not an age public key" in steps[-1].detail
    press.refresh_from_db()
    assert press.test_passed is False


def test_a_printer_without_a_bucket_fails_the_test_in_words(operator):
    broken = makers.make_printer(has_bucket=False)

    steps = check_printer(broken, by=operator, now=NOW)

    assert [step.trial for step in steps if not step.is_ok] == [Trial.WRITE]
    assert "does not exist" in steps[0].detail


def test_a_printer_whose_store_does_not_answer_fails_the_test_in_words(operator):
    broken = makers.make_printer(endpoint_url="http://127.0.0.1:9", has_bucket=False)

    assert "does not answer" in check_printer(broken, by=operator, now=NOW)[0].detail


def test_a_printer_whose_credentials_are_gone_fails_the_test_in_words(operator, press):
    Printer.objects.filter(pk=press.pk).update(credentials="gone")
    press.refresh_from_db()

    steps = check_printer(press, by=operator, now=NOW)

    press.refresh_from_db()
    assert "no credentials named “gone”" in steps[0].detail
    assert press.test_passed is False


def test_a_change_forgets_the_last_test(operator, press):
    check_printer(press, by=operator, now=NOW)

    changed = change_printer(press, printer_facts(name=press.name), by=operator, now=NOW)

    assert (changed.test_passed, changed.tested_at, changed.test_steps) == (None, None, [])


def test_a_printer_operator_tests_their_own_bucket_only(printer, press):
    other = makers.make_printer()

    assert check_printer(press, by=printer, now=NOW)
    with pytest.raises(ForbiddenError):
        check_printer(other, by=printer, now=NOW)


# ── The press test ───────────────────────────────────────────────────────────────────────────────────────


def test_a_test_file_looks_like_a_real_one_and_holds_no_code_that_counts(marketer):
    batch = makers.planned_batch()

    name = deliver_test_file(batch, by=marketer, now=NOW)

    text = pyrage.decrypt(makers.lying_there(batch, name), [makers.IDENTITY]).decode()
    header, *rows = text.splitlines()
    code_format, book = batch.campaign.format, codebook(batch.campaign)
    serials = [book.serial_of(code_format.fold(row.split(",")[0])) for row in rows]
    assert header == "code,serial,control,file"
    assert len(rows) == 100
    assert all(code_format.is_test_serial(serial) for serial in serials)


def test_a_test_file_for_a_missing_bucket_is_refused_in_words(marketer):
    batch = makers.planned_batch(printer=makers.make_printer(has_bucket=False))

    with pytest.raises(StorageError, match="does not exist"):
        deliver_test_file(batch, by=marketer, now=NOW)


def test_an_outsider_sends_no_test_file(outsider):
    batch = makers.planned_batch()

    with pytest.raises(ForbiddenError):
        deliver_test_file(batch, by=outsider, now=NOW)
