"""What a bank of the demonstration has written: mappings, a rulebook with one in its shadow, files in each state."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from fraud.models import Institution, Mapping, MappingVersion, Rulebook, Submission
from fraud.operations.backtests import start_backtest
from fraud.operations.mappings.drafting import add_golden_sample, create_mapping, save_mapping_draft
from fraud.operations.mappings.publishing import ask_to_publish_mapping
from fraud.operations.rulebooks import ask_to_publish_rulebook, save_rulebook_draft, set_shadow
from fraud.operations.submissions.receiving import Announcement, open_submission, receive_stream
from fraud.operations.submissions.steering import cancel_submission, pause_submission
from fraud.queries.layouts import current_layout
from fraud.rules.canonical import Application, to_json
from fraud.rules.people.applications import applications
from fraud.rules.rulebook.default import default_document
from fraud.rules.rulebook.document import RulebookDocument
from fraud.rules.submissions import SubmissionDoor
from fraud.rules.translation import CANONICAL, Direction, MappingDocument
from fraud.rules.translation import document as d
from portal.accounts.actors import SYSTEM, Actor
from portal.approvals.models import Approval
from portal.approvals.operations import approve_request

IN_FILE, IN_BRANCH_FILE = 500, 120
# Of the rows of the branches' file one in so many has a birth date that is none.
_WRONG = 17
LOANS = "branch-loans"
_COLUMNS = (
    "File no",
    "Product",
    "Amount",
    "Signed",
    "First name",
    "Last name",
    "Born",
    "SIN",
    "Street",
    "City",
)
_MORE = ("Prov", "Postal code", "Phone", "E-mail")


def _field(target: str, source: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"target": target, "source": source, "steps": list(steps)}


_PRODUCTS = {"CARD": "credit-card", "LOAN": "loan", "LINE": "line-of-credit"}
_FIELDS = [
    _field("reference", "File no", {"step": "trim"}),
    _field("product", "Product", {"step": "codes", "codes": _PRODUCTS}),
    _field("channel", "", {"step": "constant", "value": "branch"}),
    _field("amount", "Amount", {"step": "money"}),
    _field("submitted_at", "Signed", {"step": "date", "format": "dmy-time"}),
    _field("parties[0].given_name", "First name"),
    _field("parties[0].family_name", "Last name", {"step": "trim"}),
    _field("parties[0].birth_date", "Born", {"step": "date", "format": "dmy"}),
    _field("parties[0].national_id", "SIN", {"step": "sin"}),
    _field("parties[0].addresses[0].line", "Street"),
    _field("parties[0].addresses[0].city", "City"),
    _field("parties[0].addresses[0].province", "Prov", {"step": "case", "to": "upper"}),
    _field("parties[0].addresses[0].postal_code", "Postal code", {"step": "postal-code"}),
    _field("parties[0].phones[0].number", "Phone", {"step": "phone"}),
    _field("parties[0].emails[0]", "E-mail", {"step": "case", "to": "lower"}),
]


class Papers:
    """One bank and its two leads: what one writes the other signs."""

    def __init__(self, bank: Institution, *, lead: Actor, second: Actor, now: datetime, seed: int) -> None:
        self.bank, self.lead, self.second, self.now, self.seed = bank, lead, second, now, seed

    def write(self) -> None:
        """Write what is there before the first application comes."""
        began = self.now - timedelta(days=9)
        mapping = create_mapping(self.bank, name=LOANS, direction=Direction.INBOUND, by=self.lead, now=began)
        self._publish_mapping(mapping, began)
        # Somebody works on the next version of one, and another waits for its second person.
        next_fields = [*_FIELDS, _field("parties[0].employer", "Employer")]
        save_mapping_draft(mapping, _document(next_fields), by=self.lead, now=self.now - timedelta(hours=5))
        waiting = create_mapping(
            self.bank, name="online-cards", direction=Direction.INBOUND, by=self.lead, now=began
        )
        version = save_mapping_draft(waiting, _document(_FIELDS), by=self.lead, now=began)
        ask_to_publish_mapping(version, by=self.lead, now=self.now - timedelta(hours=3))
        self._rulebook(began)

    def _publish_mapping(self, mapping: Mapping, began: datetime) -> None:
        version: MappingVersion = save_mapping_draft(mapping, _document(_FIELDS), by=self.lead, now=began)
        told = next(iter(applications(self.seed + 9, 1)))
        kept = dict(zip(_COLUMNS + _MORE, _row(told), strict=True))
        add_golden_sample(version, kept, name="Loan, one applicant", by=self.lead, now=began)
        ask_to_publish_mapping(version, by=self.lead, now=began)
        self._sign(version, began + timedelta(hours=2))

    def _rulebook(self, began: datetime) -> None:
        version = save_rulebook_draft(
            self.bank, default_document(), note="As it ships.", by=self.lead, now=began
        )
        ask_to_publish_rulebook(version, by=self.lead, now=began)
        self._sign(version, began + timedelta(hours=3))
        note = "What if the first rules weighed less?"
        lighter = save_rulebook_draft(
            self.bank, _lighter(default_document()), note=note, by=self.lead, now=began + timedelta(days=1)
        )
        set_shadow(lighter, by=self.lead, now=began + timedelta(days=1))

    def try_on_the_past(self) -> None:
        """Ask for a backtest of what runs in the shadow; the worker does it as soon as it runs."""
        shadow = Rulebook.objects.get(institution=self.bank).shadow
        if shadow is not None:
            start_backtest(shadow, days=30, by=self.lead, now=self.now)

    def _sign(self, version: Any, now: datetime) -> None:
        approve_request(Approval.objects.get(subject_id=version.public_id), by=self.second, now=now)

    # ── Files ────────────────────────────────────────────────────────────────────────────────────────────

    def send_files(self) -> None:
        """Send files of each kind; the workers read them as soon as they run."""
        now = self.now
        rows = applications(self.seed + 1, IN_FILE)
        lines = (to_json(replace(each, submitted_at=now)) + b"\n" for each in rows)
        self._sent("march.jsonl", CANONICAL, lines)
        self._sent("branches.csv", LOANS, [_table(applications(self.seed + 2, IN_BRANCH_FILE))])
        paused = self._sent("partners.csv", LOANS, [_table(applications(self.seed + 3, 40))])
        pause_submission(paused, by=self.lead, now=now)
        given_up = self._announced("wrong-month.csv", LOANS)
        cancel_submission(given_up, by=self.lead, now=now)
        self._announced("april.csv", LOANS)

    def _announced(self, name: str, layout: str) -> Submission:
        layout, mapping, checksum = current_layout(self.bank, layout)
        told = Announcement(
            layout=layout,
            mapping=mapping,
            mapping_checksum=checksum,
            door=SubmissionDoor.PORTAL,
            file_name=name,
        )
        return open_submission(self.bank, told, by=self.lead, now=self.now)

    def _sent(self, name: str, layout: str, blocks: Iterable[bytes]) -> Submission:
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731 - a clock that stands still
        return receive_stream(self._announced(name, layout), blocks, by=SYSTEM, clock=clock)


def _document(fields: list[dict[str, Any]]) -> MappingDocument:
    layout = {"kind": "csv", "delimiter": ";"}
    return d.from_builtins({"layout": layout, "time_zone": "America/Toronto", "fields": fields})


def _lighter(document: RulebookDocument) -> RulebookDocument:
    rules = [
        replace(rule, weight=rule.weight * 2 // 3) if place < 5 else rule
        for place, rule in enumerate(document.rules)
    ]
    return replace(document, rules=tuple(rules))


def _table(told: Iterable[Application]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(_COLUMNS + _MORE)
    for number, each in enumerate(told, start=1):
        row = _row(each)
        row[6] = "31/02/1980" if number % _WRONG == 0 else row[6]
        writer.writerow(row)
    return text.getvalue().encode()


def _row(told: Application) -> list[str]:
    """Write an application as a branch does; what it has no column for is left out."""
    person, products = told.main, {code: name for name, code in _PRODUCTS.items()}
    address = person.addresses[0] if person.addresses else None
    return [
        told.reference,
        products[told.product],
        f"{told.amount // 100}.{told.amount % 100:02d}",
        told.submitted_at.strftime("%d/%m/%Y %H:%M"),
        person.given_name,
        person.family_name,
        person.birth_date.strftime("%d/%m/%Y") if person.birth_date else "",
        person.national_id,
        *((address.line, address.city, address.province, address.postal_code) if address else [""] * 4),
        person.phones[0].number if person.phones else "",
        person.emails[0] if person.emails else "",
    ]
