"""Cases within an actor's scope: the queue, one case, and what is known of its application."""

from django.db.models import Case as DbCase
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from fraud.models import Application, Case, CaseNote, Screening
from fraud.queries.applicants import note_place
from fraud.rules.cases import HELD, WAITING, CaseState
from fraud.rules.consortium import Tier
from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.roles import Act
from portal.keys.sealed import ErasedError, open_for_subject

_PLACE = {"institution": "institution"}
# The surest first.
SHOWN_TIERS = (Tier.STRONG, Tier.PROBABLE)


def cases(actor: Actor, act: Act = Act.CASE_READ) -> QuerySet[Case]:
    """List cases with the application and institution of each, the most urgent first."""
    rows = Case.objects.filter(actor.scope(act, **_PLACE)).select_related("application", "institution")
    return rows.defer("application__sealed", "application__facts").order_by("-priority", "opened_at", "pk")


def waiting_cases(actor: Actor, act: Act = Act.CASE_READ) -> QuerySet[Case]:
    """List the cases that somebody can claim, in the order in which they are worked on."""
    return cases(actor, act).filter(state__in=sorted(WAITING))


def own_cases(actor: Actor) -> QuerySet[Case]:
    """List the cases that this person works on, or that wait for a second analyst after them."""
    return cases(actor).filter(state__in=sorted(HELD), claimed_by=actor.person or "nobody")


def case_queue(actor: Actor) -> QuerySet[Case]:
    """List what is not decided, as `all_cases` does."""
    return all_cases(actor).exclude(state=CaseState.DECIDED)


def all_cases(actor: Actor) -> QuerySet[Case]:
    """List every case, decided ones as well.

    Each has the moment since which it waits, `waits_since`, the surest tier of what the consortium told for the newest
    screening or None, `tier`, and the name of its analyst or None, `analyst`.
    """
    people = User.objects.filter(public_id=OuterRef("claimed_by"))
    return cases(actor).annotate(
        waits_since=Coalesce(F("reopened_at"), F("opened_at")),
        tier=DbCase(*(When(_told(tier), then=Value(str(tier))) for tier in SHOWN_TIERS), default=None),
        analyst=Subquery(people.values("name")[:1]),
    )


def decided_case(application: Application) -> Case | None:
    """Find the case of an application if it stands decided; one that came back has no verdict until it is again."""
    return Case.objects.filter(application=application, state=CaseState.DECIDED).first()


def known_as(rows: QuerySet[Case], tier: Tier) -> QuerySet[Case]:
    """Narrow cases to those of which the consortium told so much for the newest screening."""
    return rows.filter(_told(tier))


def no_consortium_hit(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Narrow cases to those of which the consortium told nothing for the newest screening."""
    return rows.exclude(Exists(_newest().exclude(hits=[])))


def _newest() -> QuerySet[Screening]:
    later = Screening.objects.filter(application=OuterRef("application"), pk__gt=OuterRef("pk"))
    return Screening.objects.filter(~Exists(later), application=OuterRef("application"))


def _told(tier: Tier) -> Exists:
    return Exists(_newest().filter(hits__contains=[{"tier": str(tier)}]))


def notes_of(case: Case) -> list[tuple[CaseNote, str]]:
    """Open the notes on a case the actor may see, newest first; an erased applicant's read as ""."""
    return [(note, _opened(note, case)) for note in case.notes.order_by("-pk")]


def _opened(note: CaseNote, case: Case) -> str:
    try:
        return open_for_subject(
            note.sealed, subject=case.application.public_id, place=note_place(note.public_id)
        ).decode()
    except ErasedError:
        return ""


def waiting_count(actor: Actor) -> int:
    """Count the cases that somebody can claim."""
    return waiting_cases(actor, Act.CASE_WORK).order_by().count()
