"""Rows of the fraud domain for tests, made in one line each."""

from datetime import UTC, datetime
from typing import Any

from fraud.models import Institution
from fraud.rules.canonical import Application, from_builtins

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
