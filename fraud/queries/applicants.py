"""Who applied: opened from what is sealed, masked for pages, found again by token."""

from fraud.models import Application
from fraud.rules import canonical
from fraud.rules.masking import MaskedParty, masked_parties
from portal.crypto.sealing import Place
from portal.keys.sealed import ErasedError, open_for_subject


def application_place(public_id: str) -> Place:
    """Say where the sealed facts of an application lie."""
    return Place("fraud_application", "sealed", public_id)


def note_place(public_id: str) -> Place:
    """Say where a sealed note on a case lies."""
    return Place("fraud_casenote", "sealed", public_id)


def opened_application(application: Application) -> canonical.Application:
    """Open the facts of an application, for a page that masks them or an operation that records the reading.

    :raises ErasedError: the applicant was erased
    """
    if application.sealed is None:
        raise ErasedError
    place = application_place(application.public_id)
    return canonical.from_json(
        open_for_subject(application.sealed, subject=application.public_id, place=place)
    )


def masked(application: Application) -> list[MaskedParty]:
    """Give the parties of an application behind masks; none for an erased one."""
    try:
        return masked_parties(opened_application(application))
    except ErasedError:
        return []
