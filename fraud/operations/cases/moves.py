"""Moving a case from state to state, with the refusal in words, and what else its operations share."""

from django.utils.translation import gettext as _

from fraud.models import Case
from fraud.rules.cases import CaseState, may_become, refusal
from portal.accounts.actors import Actor
from portal.core.errors import ForbiddenError, InvalidError, WrongStateError
from portal.core.language import said

LONGEST_REASON = 500


def move_case(case: Case, wanted: CaseState) -> None:
    """Set the state of a locked case; saving is the caller's.

    :raises WrongStateError: the move is not allowed
    """
    if not may_become(case.state, wanted):
        raise WrongStateError(said(refusal(case.state)))
    case.state = wanted


def check_own(case: Case, by: Actor) -> None:
    """Pass a case that this person works on.

    :raises WrongStateError: nobody works on it, or it waits for a second analyst, or it is decided
    :raises ForbiddenError: somebody else works on it
    """
    if case.state != CaseState.CLAIMED:
        raise WrongStateError(said(refusal(case.state)))
    if not by.person or case.claimed_by != by.person:
        raise ForbiddenError(_("Somebody else works on this case."))


def check_reason(reason: str) -> str:
    """Return the reason, trimmed.

    :raises InvalidError: there is none, or it is an essay
    """
    if not reason.strip():
        raise InvalidError.of("reason", _("Say why; the reason stays with the case."))
    if len(reason) > LONGEST_REASON:
        raise InvalidError.of("reason", _("Say it in at most 500 characters."))
    return reason.strip()
