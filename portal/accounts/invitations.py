"""Finding the invitation behind a link; every link that does not open gets one answer."""

from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from portal.accounts.models import Invitation
from portal.core.errors import DomainError, Kind
from portal.core.phrases import Phrase

# Says what the signature is for, so that no other signed text of ours passes for a link.
_SALT = "portal.accounts.invitation"
_LONGEST = 200


class DeadLinkError(DomainError):
    """Refuse a link that opens nothing: forged, spent, replaced, withdrawn or too old; nobody learns which."""

    kind = Kind.GONE
    code = "dead-link"
    title = Phrase("This link does not open anything")

    def __init__(self) -> None:
        super().__init__(
            _("It may have been used, replaced or withdrawn. Ask whoever invited you for a new one.")
        )


def token_of(invitation: Invitation) -> str:
    """Sign the word for the link of an invitation's last letter."""
    return Signer(salt=_SALT).sign(f"{invitation.public_id}.{invitation.round}")


def invitation_behind(token: str, *, now: datetime) -> Invitation:
    """Find the invitation that a link's word opens.

    :raises DeadLinkError: it opens none
    """
    try:
        public_id, _dot, wanted = Signer(salt=_SALT).unsign(token[:_LONGEST]).rpartition(".")
    except BadSignature:
        raise DeadLinkError from None
    invitation = Invitation.objects.select_related("user").filter(public_id=public_id).first()
    if invitation is None or str(invitation.round) != wanted or not invitation.is_live(now):
        raise DeadLinkError
    return invitation
