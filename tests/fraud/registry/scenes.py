"""What the tests of the registry say to it."""

from datetime import UTC, datetime

from fraud.operations.registry.asking import answer_inquiry
from fraud.operations.registry.telling import register_record
from fraud.rules.consortium import (
    Answer,
    Facts,
    FraudType,
    Inquiry,
    KindToken,
    Question,
    RecordRole,
    Registered,
    Report,
)
from portal.accounts.actors import SYSTEM

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
BANK_A, BANK_B = "org_bankaaaaaa", "org_bankbbbbbb"
SIN, BIRTH, PHONE, EMAIL = "sin.1", "name-birth.1", "name-phone.1", "name-email.1"


def screening_token(kind: str, value: str) -> KindToken:
    """A token as whoever screens sends it: 16 bytes, here of the value itself."""
    return KindToken(kind, f"{kind}{value}".encode().ljust(16, b"\0")[-16:])


def tokens(value: str, *kinds: str) -> tuple[KindToken, ...]:
    return tuple(screening_token(kind, value) for kind in kinds)


def question(application: str = "app_00000001", value: str = "7", *kinds: str) -> Question:
    return Question(application=application, tokens=tokens(value, *(kinds or (SIN, BIRTH))))


def inquiry(*questions: Question, institution: str = BANK_A) -> Inquiry:
    return Inquiry(institution=institution, questions=questions or (question(),))


def ask(*questions: Question, institution: str = BANK_A, now: datetime = NOW) -> list[Answer]:
    return answer_inquiry(inquiry(*questions, institution=institution), by=SYSTEM, now=now)


def facts(month: str = "2026-02", **changes) -> Facts:
    known = {"fraud_type": FraudType.MONEY_MULE, "role": RecordRole.MULE, "month": month}
    return Facts(**known | changes)


def report(contribution: str = "ctb_00000001", value: str = "7", *kinds: str, **changes) -> Report:
    given = {
        "contribution": contribution,
        "institution": BANK_B,
        "facts": facts(),
        "tokens": tokens(value, *(kinds or (SIN, BIRTH))),
    }
    return Report(**given | changes)


def register(*given, now: datetime = NOW, **changes) -> Registered:
    return register_record(report(*given, **changes), by=SYSTEM, now=now)
