"""What the fraud domain keeps for how long, and what is held about those who applied."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.models import (
    Application,
    CaseNote,
    FraudElement,
    Institution,
    IntakeKey,
    Screening,
    Submission,
    WebhookDelivery,
)
from fraud.operations.submissions.erasing import erase_files
from fraud.operations.watch_lists import unwatch
from fraud.queries.applicants import note_place, opened_application
from fraud.queries.typed import tokens_of_typed
from fraud.queries.watched import watched_of
from fraud.rules.canonical import to_json
from fraud.rules.cases import CaseState
from fraud.rules.submissions import ENDED, SubmissionState
from portal.accounts.actors import Actor, OrganizationKind
from portal.accounts.models import Organization
from portal.audit.operations import record
from portal.core.errors import WrongStateError
from portal.core.phrases import marked
from portal.keys.models import SubjectKey
from portal.keys.sealed import open_for_subject
from portal.retention.policies import Action, RetentionPolicy, register
from portal.retention.queries import is_held
from portal.retention.subjects import Subject, SubjectKind
from portal.retention.subjects import register as register_subjects

# What an institution knows one person by for certain.
_SAME_PERSON = "sin.1"


def _applications() -> "QuerySet[Any]":
    """Give what is not erased and has no case that is worked on, with the moment of its decision."""
    open_case = Q(case__isnull=False) & ~Q(case__state=CaseState.DECIDED)
    there = Application.objects.filter(erased_at=None).exclude(open_case)
    return there.annotate(last_at=Coalesce("case__decided_at", "arrived_at"))


def _shred(keys: Sequence[Any], *, by: Actor, now: datetime) -> None:
    # Without the case, which an outer join cannot lock.
    rows = Application.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    _forget(list(rows), now=now)


def forget(application: Application, *, now: datetime) -> None:
    """Erase who applied, within the caller's transaction: what was decided stays, without a name."""
    _forget([application], now=now)


def _forget(applications: Sequence[Application], *, now: datetime) -> None:
    ids = [each.pk for each in applications]
    SubjectKey.objects.filter(subject__in=[each.public_id for each in applications]).update(
        wrapped=None, destroyed_at=now
    )
    # Nothing finds them again.
    FraudElement.objects.filter(application__in=ids).delete()
    Application.objects.filter(pk__in=ids).update(sealed=None, facts={}, erased_at=now)


def _explained() -> "QuerySet[Any]":
    return Screening.objects.exclude(explanation=[], hits=[])


def _submissions() -> "QuerySet[Any]":
    """Give the submissions that have ended, or wait for a file that never came, and whose files are there."""
    over = Submission.objects.filter(state__in=[*ENDED, SubmissionState.WAITING_FOR_UPLOAD])
    return over.filter(files_erased_at=None).annotate(last_at=Coalesce("ended_at", "created_at"))


def _erase_files(keys: Sequence[Any], *, by: Actor, now: datetime) -> None:
    rows = Submission.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    erase_files(list(rows), now=now)


def _closed_keys() -> "QuerySet[Any]":
    return IntakeKey.objects.filter(closes_at__isnull=False, erased_at=None)


def _erase_keys(keys: Sequence[Any], *, by: Actor, now: datetime) -> None:
    rows = IntakeKey.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    names = [row.public_id for row in rows]
    SubjectKey.objects.filter(subject__in=names).update(wrapped=None, destroyed_at=now)
    IntakeKey.objects.filter(pk__in=keys).update(erased_at=now)


def _ended_deliveries() -> "QuerySet[Any]":
    return WebhookDelivery.objects.filter(ended_at__isnull=False)


POLICIES = (
    RetentionPolicy(
        name="applicants",
        title=marked("Applicants"),
        what=marked(
            "Who applied, from the decision on the case, or else from the arrival; what was decided stays."
        ),
        days=730,
        floor=30,
        ceiling=3650,
        action=Action.SHRED,
        rows=_applications,
        since="last_at",
        per=OrganizationKind.INSTITUTION,
        places={OrganizationKind.INSTITUTION: "institution"},
        subject="public_id",
        identity="public_id",
        shred=_shred,
    ),
    RetentionPolicy(
        name="screening-details",
        title=marked("Details of screenings"),
        what=marked("How each rule came out and what the consortium told; outcome, score and reasons stay."),
        days=1095,
        floor=90,
        ceiling=3650,
        action=Action.REDACT,
        rows=_explained,
        since="screened_at",
        per=OrganizationKind.INSTITUTION,
        places={OrganizationKind.INSTITUTION: "institution"},
        subject="application__public_id",
        identity="public_id",
        blank={"explanation": [], "hits": []},
    ),
    RetentionPolicy(
        name="submission-files",
        title=marked("Files of submissions"),
        what=marked("The file that was sent, its results and rejects, from the end; counts and hashes stay."),
        days=90,
        floor=7,
        ceiling=3650,
        action=Action.SHRED,
        rows=_submissions,
        since="last_at",
        per=OrganizationKind.INSTITUTION,
        places={OrganizationKind.INSTITUTION: "institution"},
        subject="public_id",
        identity="public_id",
        shred=_erase_files,
    ),
    RetentionPolicy(
        name="intake-keys",
        title=marked("Closed keys for files"),
        what=marked(
            "The secret half of a key that was replaced, from the day it closed; files stay readable."
        ),
        days=30,
        floor=1,
        ceiling=365,
        action=Action.SHRED,
        rows=_closed_keys,
        since="closes_at",
        per=OrganizationKind.INSTITUTION,
        places={OrganizationKind.INSTITUTION: "institution"},
        subject="public_id",
        identity="public_id",
        shred=_erase_keys,
    ),
    RetentionPolicy(
        name="deliveries",
        title=marked("Deliveries"),
        what=marked(
            "What an institution was sent and how it went, from the end of each; never what was in it."
        ),
        days=730,
        floor=30,
        ceiling=3650,
        action=Action.DELETE,
        rows=_ended_deliveries,
        since="ended_at",
        per=OrganizationKind.INSTITUTION,
        places={OrganizationKind.INSTITUTION: "institution"},
        subject="application__public_id",
        identity="public_id",
    ),
)


# ── What is held about somebody ──────────────────────────────────────────────────────────────────────────


def _found(application: Application | None) -> Subject | None:
    if application is None:
        return None
    place = {OrganizationKind.INSTITUTION: application.institution_id}
    is_erased = application.erased_at is not None
    return Subject(application.public_id, "applicant", place, is_erased=is_erased)


def _find(reference: str, organization: Organization | None) -> Subject | None:
    """Find the newest application by its reference, or by the social insurance number of whoever applied."""
    institution = Institution.objects.filter(pk=organization.pk).first() if organization else None
    if institution is None:
        return None
    rows = Application.objects.filter(institution=institution).order_by("-pk")
    by_reference = rows.filter(reference=reference.strip()).first()
    if by_reference is not None:
        return _found(by_reference)
    tokens = tokens_of_typed([institution], "national_id", reference).get(institution.pk, set())
    having = FraudElement.objects.filter(token__in=list(tokens)).values("application")
    return _found(rows.filter(pk__in=having).first()) if tokens else None


def _get(public_id: str) -> Subject | None:
    return _found(Application.objects.filter(public_id=public_id).first())


def applications_of(subject: Subject) -> list[Application]:
    """List the applications of one person at one institution: this one, and those of the same insurance number."""
    own = Application.objects.get(public_id=subject.public_id)
    tokens = list(own.elements.filter(kind=_SAME_PERSON).values_list("token", flat=True))
    same = FraudElement.objects.filter(token__in=tokens, institution=own.institution_id).values("application")
    rows = Application.objects.filter(Q(pk=own.pk) | Q(pk__in=same)).select_related("institution")
    return list(rows.order_by("pk"))


def _export(subject: Subject) -> dict[str, Any]:
    return {"applications": [_exported(each) for each in applications_of(subject)]}


def _exported(application: Application) -> dict[str, Any]:
    is_erased = application.erased_at is not None
    case = getattr(application, "case", None)
    return {
        "id": application.public_id,
        "institution": application.institution.name,
        "reference": application.reference,
        "arrived_at": application.arrived_at.isoformat(),
        "facts": None if is_erased else to_json(opened_application(application)).decode(),
        "screenings": [
            {
                "at": row.screened_at.isoformat(),
                "outcome": row.outcome,
                "score": row.score,
                "reasons": row.reasons,
            }
            for row in application.screenings.order_by("pk")
        ],
        "verdict": case.verdict if case else "",
        "notes": []
        if is_erased or case is None
        else [_note(note, application) for note in case.notes.order_by("pk")],
    }


def _note(note: CaseNote, application: Application) -> dict[str, str]:
    place = note_place(note.public_id)
    text = open_for_subject(note.sealed, subject=application.public_id, place=place).decode()
    return {"at": note.written_at.isoformat(), "text": text}


def _erase(subject: Subject, *, by: Actor, now: datetime) -> None:
    """Erase every application of this person at the institution, and what its watch lists know them by."""
    own = applications_of(subject)
    watched = watched_of(own)
    for application in own:
        if application.erased_at is not None:
            continue
        if is_held(_get(application.public_id) or subject):
            raise WrongStateError(
                _("Another application of this person is under a legal hold. Lift it first.")
            )
        forget(Application.objects.select_for_update().get(pk=application.pk), now=now)
        record(by, "application.erased", application, now=now)
    unwatch(watched, by=by, now=now)


APPLICANTS = SubjectKind(
    name="applicant",
    title=gettext_lazy("Somebody who applied at an institution"),
    prefix="app",
    known_by=gettext_lazy("Reference of an application, or social insurance number"),
    find=_find,
    get=_get,
    export=_export,
    erase=_erase,
    per=OrganizationKind.INSTITUTION,
)


def register_all() -> None:
    """Put the domain's policies and applicants on the lists."""
    register(*POLICIES)
    register_subjects(APPLICANTS)
