"""Rulebooks within an actor's scope, and the compiled versions by which an institution's applications are decided."""

from dataclasses import dataclass
from functools import cache, lru_cache

import msgspec
from django.db.models import F, QuerySet

from fraud.models import Institution, Rulebook, RulebookVersion, Screening, WatchEntry
from fraud.rules.cases import CaseState
from fraud.rules.decisions import Decision, Outcome
from fraud.rules.rulebook import (
    CompiledRulebook,
    RulebookDocument,
    RulebookError,
    compile_rulebook,
    default_document,
    from_json,
)
from fraud.rules.rulebook.fields import Facts
from fraud.rules.rulebook.outcomes import Matrix, counted
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.db import prepared

_PLACE = {"institution": "institution"}


@dataclass(frozen=True, slots=True)
class Book:
    """A compiled version with its row's id; None is the default that ships."""

    version: int | None
    compiled: CompiledRulebook


@dataclass(frozen=True, slots=True)
class Shadow:
    """What the version in the shadow would have said."""

    version: int | None
    outcome: Outcome
    score: int


@dataclass(frozen=True, slots=True)
class Books:
    """What decides about an institution's applications just now, and what runs beside it."""

    live: Book
    shadow: Book | None = None

    def decide(self, facts: Facts) -> tuple[Decision, Shadow | None]:
        """Decide about facts, and say what the shadow would have decided."""
        decision = self.live.compiled.evaluate(facts)
        if self.shadow is None:
            return decision, None
        other = self.shadow.compiled.evaluate(facts)
        return decision, Shadow(self.shadow.version, other.outcome, other.score)


_BOOKS = """
SELECT live.id, live.checksum, shadow.id, shadow.checksum FROM fraud_rulebook AS book
LEFT JOIN fraud_rulebookversion AS live ON live.id = book.live_id
LEFT JOIN fraud_rulebookversion AS shadow ON shadow.id = book.shadow_id
WHERE book.institution_id = %(institution)s::bigint
"""


def books(institution: Institution) -> Books:
    """Give the rulebooks in force: the published version, or the default that ships, and the one in the shadow.

    One statement; a version that was compiled before in this process is not compiled again.
    """
    rows = prepared(_BOOKS, {"institution": institution.pk})
    live, live_checksum, shadow, shadow_checksum = rows[0] if rows else (None, "", None, "")
    return Books(
        Book(live, _compiled(live, live_checksum) if live else _default()),
        _shadow(shadow, shadow_checksum) if shadow else None,
    )


def _shadow(version: int, checksum: str) -> Book | None:
    """Compile what runs in the shadow; one that was saved anew this moment, or is broken, harms no decision."""
    try:
        return Book(version, _compiled(version, checksum))
    except (RulebookVersion.DoesNotExist, RulebookError):
        return None


@lru_cache(maxsize=256)
def _compiled(version: int, checksum: str) -> CompiledRulebook:
    """Compile a version once; a draft that was saved anew has another checksum."""
    return compile_rulebook(document_of(RulebookVersion.objects.get(pk=version, checksum=checksum)))


@cache
def _default() -> CompiledRulebook:
    return compile_rulebook(default_document())


def document_of(version: RulebookVersion) -> RulebookDocument:
    """Read the document of a version.

    :raises fraud.rules.rulebook.RulebookError: its shape is of another time
    """
    return from_json(msgspec.json.encode(version.document))


def rulebooks(actor: Actor, act: Act = Act.RULEBOOK_READ) -> QuerySet[Rulebook]:
    """List the rulebooks of institutions, with the versions that decide and that run in the shadow."""
    rows = Rulebook.objects.filter(actor.scope(act, **_PLACE))
    return rows.select_related("institution", "live", "shadow").order_by("institution__name", "pk")


def versions(rulebook: Rulebook) -> QuerySet[RulebookVersion]:
    """List the versions of a rulebook, newest first."""
    return rulebook.versions.select_related("restores").order_by("-number")


def draft_of(rulebook: Rulebook) -> RulebookVersion | None:
    """Give the draft that is being worked on, if there is one."""
    return rulebook.versions.filter(state="draft").first()


def live_document(rulebook: Rulebook | None) -> RulebookDocument:
    """Give what decides now: the published document, or the default that ships."""
    if rulebook is None or rulebook.live is None:
        return default_document()
    return document_of(rulebook.live)


def shadow_shifts(rulebook: Rulebook) -> Matrix:
    """Count what was decided against what the shadow would have said, since it runs: {outcome: {outcome: count}}."""
    rows = prepared(
        "SELECT outcome, shadow_outcome, count(*) FROM fraud_screening "
        "WHERE shadow_version_id = %(version)s::bigint AND screened_at >= %(since)s::timestamptz GROUP BY 1, 2",
        {"version": rulebook.shadow_id, "since": rulebook.shadow_since},
    )
    shifts: Matrix = {}
    for decided, other, count in rows:
        shifts.setdefault(decided, {})[other] = count
    return shifts


def shadow_verdicts(rulebook: Rulebook) -> tuple[Matrix, Matrix]:
    """Count outcomes by what analysts found since the shadow runs: as decided, and as the shadow would have."""
    rows = prepared(
        "SELECT seen.outcome, seen.shadow_outcome, known.verdict, count(*) FROM fraud_screening AS seen "
        "JOIN fraud_case AS known ON known.application_id = seen.application_id AND known.state = %(decided)s::text "
        "WHERE seen.shadow_version_id = %(version)s::bigint AND seen.screened_at >= %(since)s::timestamptz "
        "GROUP BY 1, 2, 3",
        {
            "version": rulebook.shadow_id,
            "since": rulebook.shadow_since,
            "decided": str(CaseState.DECIDED),
        },
    )
    decided: Matrix = {}
    shadow: Matrix = {}
    for outcome, other, verdict, count in rows:
        counted(decided, outcome, verdict, count)
        counted(shadow, other, verdict, count)
    return decided, shadow


def shadow_differences(rulebook: Rulebook) -> QuerySet[Screening]:
    """List the screenings on which the shadow disagrees with what was decided, newest first."""
    rows = Screening.objects.filter(
        shadow_version=rulebook.shadow_id, screened_at__gte=rulebook.shadow_since
    ).exclude(shadow_outcome=F("outcome"))
    rows = rows.select_related("application").defer(
        "application__sealed", "application__facts", "explanation", "hits"
    )
    return rows.order_by("-screened_at", "-pk")


def watch_entries(actor: Actor, act: Act = Act.WATCH_EDIT) -> QuerySet[WatchEntry]:
    """List what institutions watch for, newest first: kinds and reasons, never values."""
    rows = WatchEntry.objects.filter(actor.scope(act, **_PLACE))
    return rows.select_related("institution").order_by("-pk")
