"""Cases within an actor's scope: the queue, one case, and what is known of its application."""

from datetime import datetime

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from fraud.models import Case, CaseNote
from fraud.queries.applicants import note_place
from fraud.rules.cases import HELD, WAITING, CaseState
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.keys.sealed import ErasedError, open_for_subject

_PLACE = {"institution": "institution"}


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
    """List what is not decided, with the moment since which each waits: `waits_since`."""
    rows = cases(actor).exclude(state=CaseState.DECIDED)
    return rows.annotate(waits_since=Coalesce(F("reopened_at"), F("opened_at")))


def all_cases(actor: Actor) -> QuerySet[Case]:
    """List every case, decided ones as well, with `waits_since`."""
    return cases(actor).annotate(waits_since=Coalesce(F("reopened_at"), F("opened_at"), Value(None)))


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


def age_of(case: Case, *, now: datetime) -> float:
    """Give the seconds since a case was opened or came back."""
    return (now - (case.reopened_at or case.opened_at)).total_seconds()
