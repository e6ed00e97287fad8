"""Setting up markets, brands and printers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Brand, Market, Printer
from campaigns.rules.layout import LayoutError, RowLayout
from portal.accounts.actors import Actor, permit
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import DomainError, InvalidError
from portal.core.files import RecipientError, Recipients
from portal.core.ids import new_id
from portal.core.phrases import Phrase, stored, words_of
from portal.core.storage import Bucket, CheckStep, Trial, printer_bucket, test_bucket
from portal.core.storage_clients import is_store_address
from portal.core.storage_errors import StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFacts:
    """What a market is set up with; `currency` is ISO 4217, `time_zone` an IANA name."""

    name: str
    code: str
    time_zone: str
    currency: str
    language: str
    guess_odds_floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterFacts:
    """What a printer is set up with; `layout` is a row layout as JSON."""

    name: str
    bucket: str
    prefix: str
    endpoint_url: str
    region: str
    credentials: str
    recipients: tuple[str, ...]
    contact_email: str
    layout: dict[str, object]
    rows_per_file: int


@contextmanager
def _refusing_taken(code: str = "", code_constraint: str = "") -> Iterator[None]:
    name_taken = _("This name is taken.")
    code_taken = _("The code %(code)s is taken.") % {"code": code}
    with (
        refusing(
            "one_name_per_kind_of_organization", AlreadyThereError(name_taken, fields={"name": name_taken})
        ),
        refusing(code_constraint, AlreadyThereError(code_taken, fields={"code": code_taken})),
    ):
        yield


@transaction.atomic(durable=True)
def create_market(facts: MarketFacts, *, by: Actor, now: datetime) -> Market:
    """Set up a market.

    :raises InvalidError: an unknown time zone, a currency that is not three letters, a floor under 1
    :raises AlreadyThereError: the name or code is taken
    """
    permit(by, Act.MARKET_EDIT, {})
    market = Market(public_id=new_id("mkt"), kind=Market.KIND)
    _write_market(market, facts)
    record(by, "market.created", market, now=now)
    return market


@transaction.atomic(durable=True)
def change_market(market: Market, facts: MarketFacts, *, by: Actor, now: datetime) -> Market:
    """Change a market's set-up; campaigns keep their instants when the zone changes.

    :raises InvalidError: as for a new market
    """
    permit(by, Act.MARKET_EDIT, {})
    market = locked(Market, market)
    _write_market(market, facts)
    record(by, "market.changed", market, now=now)
    return market


def _write_market(market: Market, facts: MarketFacts) -> None:
    _check_name(facts.name)
    _check_code(facts.code)
    if facts.time_zone not in available_timezones():
        raise InvalidError.of("time_zone", _("This is no IANA time zone, such as America/Mexico_City."))
    if not (len(facts.currency) == 3 and facts.currency.isascii() and facts.currency.isalpha()):
        raise InvalidError.of("currency", _("Enter the three letters of the currency, such as MXN."))
    if not 1 <= facts.guess_odds_floor <= 10**15:
        raise InvalidError.of("guess_odds_floor", _("Enter a number from 1 to 10^15."))
    market.name, market.code = facts.name.strip(), facts.code.lower()
    market.time_zone, market.currency = facts.time_zone, facts.currency.upper()
    market.language, market.guess_odds_floor = facts.language, facts.guess_odds_floor
    with _refusing_taken(market.code, "campaigns_market_code_key"):
        market.save()


@transaction.atomic(durable=True)
def create_brand(name: str, *, code: str, by: Actor, now: datetime) -> Brand:
    """Set up a brand.

    :raises AlreadyThereError: the name or code is taken
    """
    permit(by, Act.BRAND_EDIT, {})
    brand = Brand(public_id=new_id("brd"), kind=Brand.KIND)
    _write_brand(brand, name, code)
    record(by, "brand.created", brand, now=now)
    return brand


@transaction.atomic(durable=True)
def change_brand(brand: Brand, *, name: str, code: str, by: Actor, now: datetime) -> Brand:
    """Rename a brand.

    :raises AlreadyThereError: the name or code is taken
    """
    permit(by, Act.BRAND_EDIT, {})
    brand = locked(Brand, brand)
    _write_brand(brand, name, code)
    record(by, "brand.changed", brand, now=now)
    return brand


def _write_brand(brand: Brand, name: str, code: str) -> None:
    _check_name(name)
    _check_code(code)
    brand.name, brand.code = name.strip(), code.lower()
    with _refusing_taken(brand.code, "campaigns_brand_code_key"):
        brand.save()


@transaction.atomic(durable=True)
def create_printer(facts: PrinterFacts, *, by: Actor, now: datetime) -> Printer:
    """Set up a printer; "test this printer" then says whether files would arrive.

    :raises InvalidError: a recipient that is no age key, a layout that makes no sense, an impossible bucket
    :raises AlreadyThereError: the name is taken
    """
    permit(by, Act.PRINTER_EDIT, {})
    printer = Printer(public_id=new_id("prn"), kind=Printer.KIND)
    _write_printer(printer, facts)
    record(by, "printer.created", printer, now=now)
    return printer


@transaction.atomic(durable=True)
def change_printer(printer: Printer, facts: PrinterFacts, *, by: Actor, now: datetime) -> Printer:
    """Change a printer's set-up; batches planned before keep their layout and recipients.

    :raises InvalidError: as for a new printer
    """
    permit(by, Act.PRINTER_EDIT, {})
    printer = locked(Printer, printer)
    printer.tested_at, printer.test_passed, printer.test_steps = None, None, []
    _write_printer(printer, facts)
    record(by, "printer.changed", printer, now=now)
    return printer


def _write_printer(printer: Printer, facts: PrinterFacts) -> None:
    _check_name(facts.name)
    if not 1 <= facts.rows_per_file <= 10_000_000:
        raise InvalidError.of("rows_per_file", _("A file holds between 1 and 10,000,000 codes."))
    _check_layout(facts.layout)
    printer.recipients = list(checked_recipients(facts.recipients))
    if facts.contact_email:
        try:
            validate_email(facts.contact_email)
        except ValidationError as error:
            raise InvalidError.of("contact_email", " ".join(error.messages)) from error
    printer.name, printer.contact_email = facts.name.strip(), facts.contact_email
    printer.bucket, printer.prefix = facts.bucket.strip(), facts.prefix.strip().strip("/")
    printer.endpoint_url, printer.region = facts.endpoint_url.strip(), facts.region.strip()
    printer.credentials, printer.layout = facts.credentials.strip(), facts.layout
    printer.rows_per_file = facts.rows_per_file
    _check_access(printer)
    with _refusing_taken():
        printer.save()


def _check_access(printer: Printer) -> None:
    if printer.endpoint_url and not is_store_address(printer.endpoint_url):
        says = _("Enter the store's address alone, such as https://s3.example.com or http://store:9000.")
        raise InvalidError.of("endpoint_url", says)
    if printer.endpoint_url and not printer.credentials:
        says = _("A store of its own needs credentials of its own: ours are not sent there. Ask an operator.")
        raise InvalidError.of("credentials", says)
    try:
        bucket_of(printer)
    except DomainError as error:
        raise InvalidError.of("credentials", error.detail) from error


def _check_layout(layout: dict[str, object]) -> None:
    try:
        RowLayout.from_json(layout)
    except LayoutError as error:
        raise InvalidError.of("layout", words_of(error)) from error


def checked_recipients(recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the age public keys, each once and trimmed.

    :raises InvalidError: none, or one that is no age public key
    """
    wanted = tuple(dict.fromkeys(line.strip() for line in recipients if line.strip()))
    if not wanted:
        raise InvalidError.of("recipients", _("Enter at least one age public key (age1…) of the printer."))
    try:
        Recipients.parse(list(wanted))
    except RecipientError as error:
        raise InvalidError.of("recipients", words_of(error)) from error
    return wanted


def _check_name(name: str) -> None:
    if not name.strip():
        raise InvalidError.of("name", _("Enter a name."))


def _check_code(code: str) -> None:
    try:
        validate_slug(code)
    except ValidationError as error:
        raise InvalidError.of(
            "code", _("Use letters, digits and dashes only, such as mx or north-africa.")
        ) from error


def bucket_of(printer: Printer) -> Bucket:
    """Name the printer's bucket with its address and credentials.

    :raises DomainError: the credentials reference is unknown here
    """
    return printer_bucket(
        printer.bucket,
        printer.prefix,
        endpoint_url=printer.endpoint_url,
        region=printer.region,
        credentials=printer.credentials,
    )


def check_printer(printer: Printer, *, by: Actor, now: datetime) -> list[CheckStep]:
    """Try what a delivery needs: the bucket by a small object, then the printer's keys; keep what each step said."""
    permit(by, Act.PRINTER_READ, {Printer.KIND: printer.pk})
    try:
        steps = test_bucket(bucket_of(printer))
    except StorageError as error:
        # Nobody has set the credentials that the printer names.
        steps = [CheckStep(Trial.WRITE, is_ok=False, detail=error.detail)]
    steps.append(_try_recipients(printer))
    _keep_test(printer, steps, by=by, now=now)
    return steps


def _try_recipients(printer: Printer) -> CheckStep:
    try:
        keys = Recipients.parse(printer.recipients).keys()
    except RecipientError as error:
        return CheckStep(Trial.ENCRYPT, is_ok=False, detail=words_of(error))
    words = Phrase("Files can be encrypted for each of its keys ({count}).", count=len(keys))
    return CheckStep(Trial.ENCRYPT, is_ok=True, detail=words)


@transaction.atomic(durable=True)
def _keep_test(printer: Printer, steps: list[CheckStep], *, by: Actor, now: datetime) -> None:
    printer = locked(Printer, printer)
    printer.tested_at = now
    printer.test_passed = all(step.is_ok for step in steps)
    printer.test_steps = [
        {"step": step.trial.value, "passed": step.is_ok, "words": stored(step.detail)} for step in steps
    ]
    printer.save(update_fields=["tested_at", "test_passed", "test_steps"])
    record(by, "printer.tested", printer, now=now, passed=printer.test_passed)
