"""Reading the outbox of the local stack."""

from django.db.models import QuerySet

from portal.mail.models import Mail, MailState


def kept_mails() -> QuerySet[Mail]:
    """List the mails that were kept instead of sent, the newest first."""
    return Mail.objects.filter(state=MailState.KEPT).order_by("-created_at", "-pk")
