"""Rows of the fraud domain for tests, made in one line each."""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from fraud.models import Application as Row
from fraud.models import Case, CaseFeed, Institution, Mapping, MappingVersion, Screening
from fraud.operations.cases.opening import Referral, open_cases
from fraud.queries.applicants import application_place
from fraud.rules.canonical import Application, from_builtins, to_json
from fraud.rules.decisions import Outcome, ScreeningKind
from fraud.rules.feeds import Channel, FeedState
from fraud.rules.mapping_states import VersionState
from fraud.rules.translation import Direction, checksum
from fraud.rules.translation.document import from_builtins as document_of
from fraud.rules.translation.document import to_builtins as document_json
from portal.accounts.actors import SYSTEM
from portal.core.ids import new_id
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import seal
from portal.keys.sealed import add_subject_key

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def make_institution(code: str = "bank-a", **facts: Any) -> Institution:
    """Make an institution in Toronto."""
    defaults = {
        "name": code.replace("-", " ").title(),
        "time_zone": "America/Toronto",
        "currency": "CAD",
        "language": "en",
    }
    return Institution.objects.create(code=code, kind=Institution.KIND, **defaults | facts)


def canonical(reference: str = "A-1", **facts: Any) -> Application:
    """Make a canonical application with all that screening looks at; *facts* replace whole fields of it."""
    document: dict[str, Any] = {
        "reference": reference,
        "product": "credit-card",
        "channel": "web",
        "amount": 500_000,
        "submitted_at": "2026-03-02T14:59:00Z",
        "parties": [party()],
        "device_id": "dev-7f3a",
        "ip_address": "203.0.113.7",
    }
    return from_builtins(document | facts)


def party(**facts: Any) -> dict[str, Any]:
    """Give a party as JSON has it."""
    document: dict[str, Any] = {
        "given_name": "Geneviève",
        "family_name": "Tremblay",
        "birth_date": "1988-04-09",
        "national_id": "046454286",
        "addresses": [
            {
                "line": "123 rue Principale app. 5",
                "city": "Montréal",
                "province": "QC",
                "postal_code": "H2X 1Y4",
            }
        ],
        "phones": [{"number": "+15145550123"}],
        "emails": ["g.tremblay@example.com"],
        "employment": "employed",
        "employer": "Boulangerie du Coin",
        "income": 5_200_000,
        "bank_account": {"institution": "003", "transit": "01234", "number": "1234567"},
    }
    return document | facts


def make_application(institution: Institution, reference: str = "A-1", **facts: Any) -> Row:
    """Store an application of an institution, sealed under its own key, as screening does."""
    told = canonical(reference, **facts)
    public_id = new_id("app")
    key = add_subject_key(public_id, purpose=Purpose.APPLICANTS, scope=institution.scope, now=NOW)
    return Row.objects.create(
        public_id=public_id,
        institution=institution,
        reference=reference,
        facts_digest=secrets.token_bytes(16),
        product=told.product,
        channel=told.channel,
        currency=told.currency,
        amount=told.amount,
        submitted_at=told.submitted_at,
        arrived_at=NOW,
        sealed=seal(key, to_json(told), place=application_place(public_id)),
    )


def make_screening(application: Row, outcome: Outcome = Outcome.REFER, **facts: Any) -> Screening:
    """Store what screening said of an application."""
    defaults = {"kind": ScreeningKind.FIRST, "score": 720, "reasons": ["velocity-sin"], "screened_at": NOW}
    return Screening.objects.create(
        institution=application.institution, application=application, outcome=outcome, **defaults | facts
    )


def make_case(institution: Institution, reference: str = "A-1", score: int = 720, **facts: Any) -> Case:
    """Store a referred application and open its case."""
    application = make_application(institution, reference, **facts)
    screening = make_screening(application, score=score)
    with transaction.atomic():
        open_cases([referral_of(screening)], by=SYSTEM, now=NOW)
    return Case.objects.get(application=application)


def referral_of(screening: Screening) -> Referral:
    """Say what a screening means for the case of its application."""
    return Referral(
        institution_id=screening.institution_id,
        application_id=screening.application_id,
        kind=ScreeningKind(screening.kind),
        outcome=Outcome(screening.outcome),
        score=screening.score,
        reasons=screening.reasons,
    )


def make_case_mapping(institution: Institution, name: str = "case-json", kind: str = "jsonl") -> Mapping:
    """Publish a mapping for a case system that takes a surname, a birth date and the amount in dollars."""
    fields = [
        {"target": "ref", "source": "reference"},
        {"target": "surname", "source": "parties[0].family_name", "steps": [{"step": "case", "to": "upper"}]},
        {"target": "born", "source": "parties[0].birth_date", "steps": [{"step": "date", "format": "dmy"}]},
        {"target": "dollars", "source": "amount", "steps": [{"step": "money"}]},
    ]
    document = document_of({"direction": "case-system", "layout": {"kind": kind}, "fields": fields})
    mapping = Mapping.objects.create(
        institution=institution, name=name, direction=Direction.CASE_SYSTEM, created_at=NOW
    )
    mapping.live = MappingVersion.objects.create(
        institution=institution,
        mapping=mapping,
        number=1,
        document=document_json(document),
        checksum=checksum(document),
        state=VersionState.PUBLISHED,
        written_by="system",
        written_at=NOW,
        published_by="system",
        published_at=NOW,
    )
    mapping.save(update_fields=["live"])
    return mapping


def make_feed(mapping: Mapping, **facts: Any) -> CaseFeed:
    """Feed a case system, as if two people had set it up; by webhook unless *facts* give a recipient."""
    is_folder = "recipient" in facts
    defaults = {
        "channel": Channel.FOLDER if is_folder else Channel.WEBHOOK,
        "url": "" if is_folder else "https://cases.example/in",
        "outcomes": ["clear", "review", "refer"],
        "state": FeedState.ACTIVE,
        "created_at": NOW,
        "started_at": NOW,
    }
    return CaseFeed.objects.create(institution=mapping.institution, mapping=mapping, **defaults | facts)
