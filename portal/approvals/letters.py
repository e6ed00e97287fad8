"""Letters about requests: to those who may decide one, and to whoever asked once it is decided."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.approvals.kinds import kind_named
from portal.approvals.models import Approval, ApprovalState
from portal.approvals.queries import deciders
from portal.core.language import said
from portal.mail.letters import Letter
from portal.mail.operations import post

# Who decides for a big house reads the portal; a mail to everybody is read by nobody.
MOST_LETTERS = 20
# Of one person's requests within an hour so many are told of, programs' included; the list of requests has all.
MOST_AN_HOUR = 20


def tell_deciders(approval: Approval, *, now: datetime) -> None:
    """Write to those who may decide a request, in their languages, within the caller's transaction."""
    if _asked_lately(approval, now) > MOST_AN_HOUR:
        return
    for person in deciders(approval)[:MOST_LETTERS]:
        with translation.override(person.language):
            post(_to_decide(approval), person.email, now=now)


def tell_asker(approval: Approval, *, now: datetime) -> None:
    """Write to the person who asked how it was decided, within the caller's transaction; programs ask the API."""
    if approval.asked_by != approval.asked_by_person:
        return
    person = User.objects.filter(public_id=approval.asked_by_person, is_active=True).first()
    if person is not None:
        with translation.override(person.language):
            post(_decided(approval), person.email, now=now)


def _asked_lately(approval: Approval, now: datetime) -> int:
    rows = Approval.objects.filter(asked_by_person=approval.asked_by_person)
    return rows.filter(asked_at__gt=now - timedelta(hours=1)).count()


def _to_decide(approval: Approval) -> Letter:
    return Letter(
        subject=_("A request waits for your decision"),
        paragraphs=[said(approval.title), *_told(approval), _("Nothing happens before somebody decides.")],
        button=_("Open the request"),
        url=_page(approval),
        closing=[
            _(
                "You get this mail because your role may decide it. Others may as well: the first decision counts."
            )
        ],
    )


def _decided(approval: Approval) -> Letter:
    if approval.state == ApprovalState.APPROVED:
        subject, outcome = _("Your request was approved"), _("It is carried out.")
    else:
        subject, outcome = _("Your request was refused"), _("The reason is on its page.")
    return Letter(
        subject=subject,
        paragraphs=[said(approval.title), outcome],
        button=_("Open the request"),
        url=_page(approval),
    )


def _told(approval: Approval) -> list[str]:
    return [said(sentence) for sentence in kind_named(approval.kind).told(approval)]


def _page(approval: Approval) -> str:
    return f"{settings.PUBLIC_URL}{reverse('request', args=[approval.public_id])}"
