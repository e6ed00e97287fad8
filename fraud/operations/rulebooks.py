"""Writing rulebooks: drafts, publishing by two people, going back to an older one, and runs in the shadow."""

from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from fraud.models import Institution, Rulebook, RulebookVersion
from fraud.queries.rulebooks import document_of, draft_of, live_document
from fraud.rules.rulebook import (
    RulebookDocument,
    RulebookError,
    checksum,
    default_document,
    from_json,
    problems_of,
    to_json,
)
from fraud.rules.rulebook.differences import differences
from fraud.rules.rulebook.states import VersionState
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.approvals.operations import ask
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import DomainError, InvalidError, Kind, WrongStateError
from portal.core.language import said
from portal.core.phrases import Phrase, marked

S = VersionState
_SAVED = ["document", "checksum", "note", "saved_at", "saved_by"]
LONGEST_NOTE = 500


class SavedMeanwhileError(DomainError):
    """Refuse to write over what somebody else saved."""

    kind = Kind.CONFLICT
    code = "saved-meanwhile"
    title = Phrase("Somebody else saved this draft meanwhile")


def _publish(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Let the version decide from the next application on."""
    version = RulebookVersion.objects.get(public_id=approval.subject_id)
    book = locked(Rulebook, version.rulebook)
    version = locked(RulebookVersion, version)
    if version.state != S.WAITING:
        raise WrongStateError
    version.state, version.published_at, version.published_by = S.PUBLISHED, now, by.id
    version.save(update_fields=["state", "published_at", "published_by"])
    book.live = version
    if book.shadow_id == version.pk:
        book.shadow, book.shadow_since = None, None
    book.save(update_fields=["live", "shadow", "shadow_since"])
    record(by, "rulebook.published", book, now=now, version=version.number, checksum=version.checksum)


def _back_to_draft(approval: Approval, *, by: Actor, now: datetime) -> None:
    """Let it be worked on again; one that would bring an older version back, or that has a newer draft, is gone."""
    version = RulebookVersion.objects.get(public_id=approval.subject_id)
    book = locked(Rulebook, version.rulebook)
    version = locked(RulebookVersion, version)
    if version.state != S.WAITING:
        return
    if version.restores_id is not None or draft_of(book) is not None:
        _remove(book, version, by=by, now=now)
        return
    version.state = S.DRAFT
    version.save(update_fields=["state"])


RULEBOOK = ApprovalKind(
    name="rulebook",
    ask_act=Act.RULEBOOK_EDIT,
    decide_act=Act.RULEBOOK_APPROVE,
    lasts=timedelta(days=14),
    title=marked("Publish version {number} of the rulebook of {institution}"),
    sentences=(
        marked("Rules: {rules}. Differences from the version in force: {differences}."),
        marked("It decides from the next application on; what is decided stays as it is."),
    ),
    page="rulebook-version",
    yours=marked("You asked to publish this rulebook. Somebody else has to sign it."),
    carry_out=_publish,
    refused=_back_to_draft,
)


@transaction.atomic(durable=True)
def save_rulebook_draft(
    institution: Institution,
    document: RulebookDocument,
    *,
    note: str = "",
    base: str = "",
    by: Actor,
    now: datetime,
) -> RulebookVersion:
    """Save a draft, which may have problems yet; *base* is the checksum of the draft that was being edited, if any.

    :raises InvalidError: it is more than a rulebook holds, so that nobody could read it again
    :raises SavedMeanwhileError: the draft on record is another than *base*
    :raises WrongStateError: it runs in the shadow
    """
    permit(by, Act.RULEBOOK_EDIT, {Institution.KIND: institution.pk})
    if len(note) > LONGEST_NOTE:
        raise InvalidError.of("note", _("Say it in at most 500 characters."))
    _check_readable(document)
    book = _held(institution, by=by, now=now)
    draft = draft_of(book)
    if base and (draft is None or draft.checksum != base):
        raise SavedMeanwhileError(_("Open the draft again to see what changed."))
    if draft is None:
        draft = RulebookVersion(institution=institution, rulebook=book, number=_next_number(book))
    elif book.shadow_id == draft.pk:
        raise WrongStateError(_("This draft runs in the shadow. End that run first."))
    _fill(draft, document, note, by, now)
    draft.save(update_fields=None if draft.pk is None else _SAVED)
    record(by, "rulebook.changed", book, now=now, version=draft.number, checksum=draft.checksum)
    return draft


@transaction.atomic(durable=True)
def discard_rulebook_draft(version: RulebookVersion, *, by: Actor, now: datetime) -> None:
    """Throw a draft away, with its backtests.

    :raises WrongStateError: it is no draft, or runs or ran in the shadow
    """
    permit(by, Act.RULEBOOK_EDIT, version.place)
    book = locked(Rulebook, version.rulebook)
    version = locked(RulebookVersion, version)
    if version.state != S.DRAFT:
        raise WrongStateError(_("Only a draft can be thrown away."))
    _remove(book, version, by=by, now=now)


@transaction.atomic(durable=True)
def ask_to_publish_rulebook(version: RulebookVersion, *, by: Actor, now: datetime) -> Approval:
    """Ask a second person to publish a draft.

    :raises InvalidError: it has problems; `fields` says which, by path
    :raises WrongStateError: it is no draft, or another version waits
    """
    permit(by, Act.RULEBOOK_EDIT, version.place)
    book = locked(Rulebook, version.rulebook)
    version = locked(RulebookVersion, version, "institution")
    if version.state != S.DRAFT:
        raise WrongStateError(_("Only a draft can be published."))
    check_sound(document_of(version))
    _check_none_waits(book)
    version.state = S.WAITING
    version.save(update_fields=["state"])
    record(by, "rulebook.asked_for", book, now=now, version=version.number, checksum=version.checksum)
    return _ask(book, version, by, now)


@transaction.atomic(durable=True)
def roll_back_rulebook(
    version: RulebookVersion, *, note: str = "", by: Actor, now: datetime
) -> RulebookVersion:
    """Ask a second person to publish an older version again, as a new one; a draft stays untouched.

    :raises WrongStateError: it was never published, or decides now, or another version waits
    """
    permit(by, Act.RULEBOOK_EDIT, version.place)
    book = _held(version.institution, by=by, now=now)
    if version.state != S.PUBLISHED or book.live_id == version.pk:
        raise WrongStateError(_("Only an older published version can be brought back."))
    _check_none_waits(book)
    again = RulebookVersion(
        institution=version.institution,
        rulebook=book,
        number=_next_number(book),
        state=S.WAITING,
        restores=version,
    )
    document = document_of(version)
    # What fields were then may be gone since.
    check_sound(document)
    _fill(again, document, note, by, now)
    again.save()
    record(by, "rulebook.rolled_back", book, now=now, version=again.number, restores=version.number)
    _ask(book, again, by, now)
    return again


@transaction.atomic(durable=True)
def set_shadow(version: RulebookVersion, *, by: Actor, now: datetime) -> Rulebook:
    """Let a version run beside the one in force: it decides nothing, and what it would say is kept.

    :raises InvalidError: it has problems
    :raises WrongStateError: it decides already
    """
    permit(by, Act.RULEBOOK_EDIT, version.place)
    book = locked(Rulebook, version.rulebook)
    version = locked(RulebookVersion, version)
    if book.live_id == version.pk:
        raise WrongStateError(_("This version decides already."))
    check_sound(document_of(version))
    book.shadow, book.shadow_since = version, now
    book.save(update_fields=["shadow", "shadow_since"])
    record(by, "rulebook.shadow_started", book, now=now, version=version.number)
    return book


@transaction.atomic(durable=True)
def clear_shadow(rulebook: Rulebook, *, by: Actor, now: datetime) -> Rulebook:
    """End the run in the shadow; what was kept of it stays.

    :raises WrongStateError: none runs
    """
    permit(by, Act.RULEBOOK_EDIT, rulebook.place)
    book = locked(Rulebook, rulebook)
    if book.shadow_id is None:
        raise WrongStateError(_("No version runs in the shadow."))
    book.shadow, book.shadow_since = None, None
    book.save(update_fields=["shadow", "shadow_since"])
    record(by, "rulebook.shadow_ended", book, now=now)
    return book


def check_sound(document: RulebookDocument) -> None:
    """Pass a rulebook without problems.

    :raises InvalidError: it has some; `fields` has the words of each by its path
    """
    found = {problem.path: said(problem.words) for problem in problems_of(document)}
    if found:
        raise InvalidError(_("The rulebook has problems."), fields=found)


def _check_readable(document: RulebookDocument) -> None:
    try:
        from_json(to_json(document))
    except RulebookError as error:
        # The bounds come first among the problems.
        first = next(iter(problems_of(document)), None)
        raise InvalidError(said(first.words if first else error)) from error


def _held(institution: Institution, *, by: Actor, now: datetime) -> Rulebook:
    """Hold the rulebook of an institution; the first draft makes it."""
    locked(Institution, institution)
    book = Rulebook.objects.filter(institution=institution).first()
    if book is not None:
        return locked(Rulebook, book)
    book = Rulebook.objects.create(institution=institution, created_at=now)
    record(by, "rulebook.created", book, now=now)
    return book


def _next_number(book: Rulebook) -> int:
    return int(book.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def _fill(version: RulebookVersion, document: RulebookDocument, note: str, by: Actor, now: datetime) -> None:
    version.document = msgspec.json.decode(to_json(document))
    version.checksum, version.note = checksum(document), note.strip()
    version.saved_at, version.saved_by = now, by.id


def _check_none_waits(book: Rulebook) -> None:
    if book.versions.filter(state=S.WAITING).exists():
        raise WrongStateError(_("Another version waits for a second person already."))


def _ask(book: Rulebook, version: RulebookVersion, by: Actor, now: datetime) -> Approval:
    document = document_of(version)
    facts: dict[str, str | int] = {
        "number": str(version.number),
        "institution": version.institution.name,
        "rules": len(document.rules),
        "differences": differences(_in_force(book), document).count,
    }
    return ask(RULEBOOK, version, by=by, now=now, place=version.place, facts=facts)


def _in_force(book: Rulebook) -> RulebookDocument:
    try:
        return live_document(book)
    except RulebookError:
        # Of a shape of another time: everything is new.
        return RulebookDocument(rules=(), bands=default_document().bands)


def _remove(book: Rulebook, version: RulebookVersion, *, by: Actor, now: datetime) -> None:
    if book.shadow_id == version.pk:
        raise WrongStateError(_("This draft runs in the shadow. End that run first."))
    number = version.number
    try:
        with transaction.atomic():
            version.delete()
    except ProtectedError as error:
        raise WrongStateError(_("What this draft said in the shadow is on record, so it stays.")) from error
    record(by, "rulebook.draft_removed", book, now=now, version=number)
