"""Handling alerts: acknowledging, noting, closing and reopening; never by somebody whom the alert is about."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor
from portal.accounts.models import User
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import ForbiddenError, FourEyesError, InvalidError, WrongStateError
from portal.security.models import Alert, AlertNote, AlertState
from portal.security.queries import reach

LONGEST_NOTE = 2000


@transaction.atomic(durable=True)
def acknowledge_alert(alert: Alert, *, by: Actor, now: datetime) -> Alert:
    """Take an open alert in hand.

    :raises FourEyesError: it is about the one who would take it
    :raises WrongStateError: somebody has it, or it is closed
    """
    alert = _mine(alert, by)
    if alert.state != AlertState.OPEN:
        raise WrongStateError(_("Somebody has acknowledged this alert already."))
    alert.state, alert.holder = AlertState.IN_HAND, _person(by)
    alert.save(update_fields=["state", "holder"])
    record(by, "alert.acknowledged", alert, now=now, **alert.told)
    return alert


@transaction.atomic(durable=True)
def note_on_alert(alert: Alert, *, text: str, by: Actor, now: datetime) -> AlertNote:
    """Write a note below an alert.

    :raises InvalidError: it says nothing, or too much
    :raises FourEyesError: the alert is about its author
    """
    alert = _mine(alert, by)
    note = _noted(alert, text, "text", by, now)
    record(by, "alert.noted", alert, now=now, note=note.public_id, **alert.told)
    return note


@transaction.atomic(durable=True)
def close_alert(alert: Alert, *, reason: str, by: Actor, now: datetime) -> Alert:
    """Close an alert for a reason; whoever closes an open one has taken it in hand by that.

    :raises InvalidError: no reason
    :raises FourEyesError: it is about the one who would close it
    :raises WrongStateError: it is closed
    """
    alert = _mine(alert, by)
    if alert.state == AlertState.CLOSED:
        raise WrongStateError(_("This alert is closed already."))
    note = _noted(alert, reason, "reason", by, now)
    alert.state, alert.closed_at, alert.holder = AlertState.CLOSED, now, _person(by)
    alert.save(update_fields=["state", "closed_at", "holder"])
    record(by, "alert.closed", alert, now=now, note=note.public_id, **alert.told)
    return alert


@transaction.atomic(durable=True)
def reopen_alert(alert: Alert, *, reason: str, by: Actor, now: datetime) -> Alert:
    """Open a closed alert again, for whoever takes it.

    :raises InvalidError: no reason
    :raises FourEyesError: it is about the one who would reopen it
    :raises WrongStateError: it is not closed
    """
    alert = _mine(alert, by)
    if alert.state != AlertState.CLOSED:
        raise WrongStateError(_("Only a closed alert can be reopened."))
    note = _noted(alert, reason, "reason", by, now)
    alert.state, alert.closed_at, alert.holder = AlertState.OPEN, None, None
    alert.save(update_fields=["state", "closed_at", "holder"])
    record(by, "alert.reopened", alert, now=now, note=note.public_id, **alert.told)
    return alert


def _mine(alert: Alert, by: Actor) -> Alert:
    """Hold an alert that the actor may handle."""
    alert = locked(Alert, alert)
    if not Alert.objects.filter(reach(by, Act.ALERT_EDIT), pk=alert.pk).exists():
        raise ForbiddenError(_("Your role does not include this here. An operator can grant it."))
    if by.person in alert.about:
        raise FourEyesError(_("This alert is about you. Somebody else has to look into it."))
    return alert


def _person(by: Actor) -> User:
    return User.objects.get(public_id=by.person)


def _noted(alert: Alert, text: str, field: str, by: Actor, now: datetime) -> AlertNote:
    if not text.strip():
        raise InvalidError.of(field, _("Say what you found; it stays with the alert."))
    if len(text) > LONGEST_NOTE:
        raise InvalidError.of(field, _("Say it in at most 2,000 characters."))
    return AlertNote.objects.create(alert=alert, author=_person(by), text=text.strip(), at=now)
