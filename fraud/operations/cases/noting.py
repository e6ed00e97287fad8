"""Notes on a case: sealed, since they may name people, under the key of whom the case is about."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Case, CaseNote
from fraud.models.cases import LONGEST_NOTE
from fraud.queries.applicants import note_place
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.errors import InvalidError
from portal.core.ids import new_id
from portal.core.language import grouped
from portal.crypto.sealing import seal
from portal.keys.sealed import subject_key


@transaction.atomic(durable=True)
def note_on_case(case: Case, *, text: str, by: Actor, now: datetime) -> CaseNote:
    """Write a note on a case; nobody changes it later.

    :raises InvalidError: no text, or an essay
    :raises portal.keys.sealed.ErasedError: the applicant was erased, and nothing more is written about them
    """
    permit(by, Act.CASE_WORK, case.place)
    words = text.replace("\x00", "").strip()
    if not words:
        raise InvalidError.of("text", _("Write something; others on this case will read it."))
    if len(words) > LONGEST_NOTE:
        says = _("Say it in at most %(most)s characters.") % {"most": grouped(LONGEST_NOTE)}
        raise InvalidError.of("text", says)
    note = write_note(case, words, by=by, now=now)
    record(by, "case.noted", case, now=now, note=note.public_id)
    return note


def write_note(case: Case, words: str, *, by: Actor, now: datetime) -> CaseNote:
    """Seal and store a note, within the caller's transaction.

    :raises portal.keys.sealed.ErasedError: the applicant was erased
    """
    note = CaseNote(public_id=new_id("nte"), case=case, institution_id=case.institution_id)
    key = subject_key(case.application.public_id)
    note.sealed = seal(key, words.encode(), place=note_place(note.public_id))
    note.written_by, note.written_at = by.id, now
    note.save(force_insert=True)
    return note
