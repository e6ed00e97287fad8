"""The one table of what each state looks like: its family, which has a colour, and its name in words."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.web.navigation import Words


class Family(StrEnum):
    """What a state means for somebody who looks at it; each has one colour."""

    PLANNED = "planned"
    WORKING = "working"
    LIVE = "live"
    WAITS = "waits"
    FAILED = "failed"
    DISPUTED = "disputed"


_looks: dict[str, tuple[Family, Words]] = {
    "pending": (Family.WAITS, _("Undecided")),
    "held": (Family.WAITS, _("On hold")),
    "lifted": (Family.PLANNED, _("Lifted")),
    "withdrawn": (Family.PLANNED, _("Withdrawn")),
    "draft": (Family.PLANNED, _("Draft")),
    "planned": (Family.PLANNED, _("Planned")),
    "approved": (Family.WORKING, _("Approved")),
    "generating": (Family.WORKING, _("Generating")),
    "delivering": (Family.WORKING, _("Delivering")),
    "delivered": (Family.WAITS, _("Delivered")),
    "acknowledged": (Family.LIVE, _("Acknowledged")),
    "active": (Family.LIVE, pgettext_lazy("state", "Active")),
    "live": (Family.LIVE, pgettext_lazy("state", "Live")),
    "disputed": (Family.DISPUTED, _("Disputed")),
    "paused": (Family.WAITS, _("Paused")),
    "recalled": (Family.FAILED, _("Recalled")),
    "closed": (Family.PLANNED, _("Closed")),
    "ended": (Family.PLANNED, _("Ended")),
    "waiting": (Family.PLANNED, _("Waiting")),
    "failed": (Family.FAILED, _("Failed")),
    "refused": (Family.FAILED, _("Refused")),
    "cancelled": (Family.PLANNED, _("Cancelled")),
    "revoked": (Family.FAILED, _("Revoked")),
    "expired": (Family.PLANNED, _("Expired")),
    "ending": (Family.WAITS, _("Ends soon")),
    "disabled": (Family.FAILED, _("Disabled")),
    "sending": (Family.WORKING, _("Sending")),
    "sent": (Family.LIVE, _("Sent")),
    "kept": (Family.PLANNED, _("Kept here")),
    "invited": (Family.WAITS, _("Invited")),
    "deactivated": (Family.FAILED, _("Deactivated")),
    "done": (Family.LIVE, _("Done")),
    "ok": (Family.LIVE, _("In order")),
    "overdue": (Family.WAITS, _("Overdue")),
    "renewing": (Family.WORKING, _("Being renewed")),
}


def register(looks: Mapping[str, tuple[Family, Words]]) -> None:
    """Add a domain's own states.

    :raises ValueError: a state has another look already
    """
    for state, look in looks.items():
        if _looks.setdefault(str(state), look) != look:
            raise ValueError(f"the state {state!r} has a look already")


def look(state: str) -> tuple[Family, Words]:
    """Tell the family and the name of a state.

    :raises KeyError: nobody registered it
    """
    return _looks[str(state)]
