"""What the states and acts of campaigns are called and look like in the frame's tables."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.language import grouped
from portal.web import states, trails
from portal.web.navigation import Words
from portal.web.states import Family
from portal.web.trails import More

STATES: dict[str, tuple[Family, Words]] = {
    "working": (Family.WORKING, gettext_lazy("Working")),
    "upcoming": (Family.PLANNED, gettext_lazy("Upcoming")),
    "untested": (Family.PLANNED, gettext_lazy("Not tested")),
    "passed": (Family.LIVE, gettext_lazy("Passed")),
}


def _quantity(facts: Mapping[str, Any]) -> str:
    return _("%(count)s codes") % {"count": grouped(facts["quantity"])} if "quantity" in facts else ""


def _serials(facts: Mapping[str, Any]) -> str:
    return _("%(count)s serials") % {"count": grouped(facts["serials"])} if "serials" in facts else ""


def _file(facts: Mapping[str, Any]) -> str:
    return _("file %(number)s") % {"number": facts["number"]} if "number" in facts else ""


def _differences(facts: Mapping[str, Any]) -> str:
    return _("%(count)s differences") % {"count": facts["differences"]} if "differences" in facts else ""


def _passed(facts: Mapping[str, Any]) -> str:
    return _("all steps passed") if facts.get("passed") else _("a step failed")


ACTS: dict[str, tuple[Words, More | None]] = {
    "market.created": (gettext_lazy("set up the market"), None),
    "market.changed": (gettext_lazy("changed the market"), None),
    "brand.created": (gettext_lazy("set up the brand"), None),
    "brand.changed": (gettext_lazy("changed the brand"), None),
    "printer.created": (gettext_lazy("set up the printer"), None),
    "printer.changed": (gettext_lazy("changed the printer"), None),
    "printer.tested": (gettext_lazy("tested the printer"), _passed),
    "campaign.created": (gettext_lazy("set up the campaign"), None),
    "campaign.changed": (gettext_lazy("changed the campaign"), None),
    "campaign.paused": (gettext_lazy("paused redemption"), None),
    "campaign.resumed": (gettext_lazy("resumed redemption"), None),
    "batch.planned": (gettext_lazy("planned the batch"), _quantity),
    "batch.approved": (gettext_lazy("approved the batch"), None),
    "batch.cancelled": (gettext_lazy("cancelled the batch"), None),
    "delivery.started": (gettext_lazy("started the delivery"), None),
    "delivery.paused": (gettext_lazy("paused the delivery"), None),
    "delivery.resumed": (gettext_lazy("resumed the delivery"), None),
    "delivery.retried": (gettext_lazy("had the failed files tried again"), None),
    "file.delivered": (gettext_lazy("delivered a file"), _file),
    "file.failed": (gettext_lazy("could not deliver a file"), _file),
    "files.missing": (gettext_lazy("missed files in the bucket and makes them anew"), None),
    "manifest.signed": (gettext_lazy("signed the manifest"), None),
    "receipt.refused": (gettext_lazy("could not read the printer's receipt"), None),
    "batch.delivered": (gettext_lazy("delivered the last file and the manifest"), None),
    "batch.acknowledged": (gettext_lazy("acknowledged the delivery"), None),
    "batch.disputed": (gettext_lazy("reported another content than was sent"), _differences),
    "activation.scheduled": (gettext_lazy("scheduled the activation"), None),
    "batch.activated": (gettext_lazy("activated the batch"), None),
    "batch.recalled": (gettext_lazy("recalled the batch"), None),
    "batch.closed": (gettext_lazy("closed the batch"), None),
    "serials.voided": (gettext_lazy("made serials void"), _serials),
    "test_file.delivered": (gettext_lazy("sent a test file to the printer"), None),
}
# A batch has up to a thousand files; each is in the table of files.
QUIET = frozenset({"file.delivered"})


def register() -> None:
    """Hang the domain's states and acts into the tables of the frame."""
    states.register(STATES)
    trails.register(ACTS, quiet=QUIET)
