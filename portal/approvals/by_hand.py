"""What the commands about keys share: which permission they act by, whom they ask, and what acting alone takes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from portal.accounts.models import User
from portal.accounts.queries import actor_of
from portal.approvals.key_acts import ask_for_key_act, is_waiting, permission
from portal.approvals.kinds import ApprovalKind
from portal.approvals.models import Approval
from portal.core import clock
from portal.crypto.keyring import Purpose

FEWEST_WORDS = 3
LONGEST_REASON = 300


def add_permission_arguments(parser: ArgumentParser) -> None:
    """Add what every command about keys takes."""
    parser.add_argument("--purpose", required=True, choices=[str(purpose) for purpose in Purpose])
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--as",
        dest="asker",
        metavar="EMAIL",
        default="",
        help="ask in this person's name for a second signature",
    )
    how.add_argument(
        "--break-glass",
        metavar="REASON",
        default=None,
        help="act alone, in an emergency: the reason goes into the trail, and an alert is opened",
    )


def reason_to_act_alone(options: dict[str, Any]) -> str:
    """Give the reason to act alone; "" where nobody wants to.

    :raises CommandError: a reason that says nothing
    """
    given = options["break_glass"]
    if given is None:
        return ""
    if len(given.split()) < FEWEST_WORDS or len(given) > LONGEST_REASON:
        raise CommandError("Say why you act alone, in three words at least and 300 characters at most.")
    return str(given).strip()


def allowed_or_asked(kind: ApprovalKind, purpose: Purpose, asker: str) -> Approval | str:
    """Give the permission to act by, or say what has been asked and what comes next.

    :raises CommandError: nobody has asked, and nobody is named who would
    :raises portal.core.errors.ForbiddenError: whoever is named may not ask for this
    """
    now = clock.now()
    allowed = permission(kind, purpose, now=now)
    if allowed is not None:
        return allowed
    again = "Run this again once a second person has approved it on the page Requests of the portal."
    if is_waiting(kind, purpose, now=now):
        return f"This waits for a second person. {again}"
    if not asker:
        raise CommandError(
            "This takes two people. Name the one who asks with --as EMAIL; or act alone, in an emergency, with "
            "--break-glass REASON."
        )
    person = User.objects.filter(email__iexact=asker, is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody signs in as {asker}.")
    approval = ask_for_key_act(kind, purpose, by=actor_of(person), now=now)
    return f"Asked for a second signature: {approval.public_id}. {again}"
