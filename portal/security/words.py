"""Detectors, severities and readers of the trail in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.security.classes import Severity

# The title of each detector, and what it means that it found something.
DETECTORS: dict[str, tuple[Promise, Promise]] = {
    "mass_reveal": (
        _("Mass reveal"),
        _("Somebody revealed more personal data within minutes than one person can work on."),
    ),
    "off_hours_export": (
        _("Export outside working hours"),
        _("Somebody exported data at a time when nobody where they work is at work."),
    ),
    "look_ups_without_a_case": (
        _("Look-ups without a case"),
        _("Somebody looked people up without a case, or more codes within minutes than people ring about."),
    ),
    "refused_sign_ins": (
        _("Refused sign-ins across people"),
        _("Sign-ins to several accounts were refused within minutes: somebody may be trying passwords."),
    ),
    "new_place": (
        _("New country or device of an approver"),
        _("Somebody who may approve signed in from a country or with a device that they never used before."),
    ),
    "canary_touched": (
        _("Canary touched"),
        _(
            "Somebody did something to a thing that was laid out as bait and that nobody has a reason to touch."
        ),
    ),
    "four_eyes_bypassed": (
        _("Four eyes bypassed"),
        _("Whoever holds the key file changed or removed keys alone, and said that it was an emergency."),
    ),
}
SEVERITIES: dict[Severity, Promise] = {
    Severity.LOW: pgettext_lazy("severity", "Low"),
    Severity.MEDIUM: pgettext_lazy("severity", "Medium"),
    Severity.HIGH: pgettext_lazy("severity", "High"),
    Severity.CRITICAL: pgettext_lazy("severity", "Critical"),
}
