"""Handing one mail to SMTP or SES; what goes wrong is a code, never the server's words, which may name people."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from portal.core.mail_routes import Way
from portal.core.mail_ses import SesError, send_by_ses
from portal.mail.models import Mail

log = structlog.get_logger(__name__)


class CarrierError(Exception):
    """A mail did not leave.

    `is_final`: it never will; `is_everywhere`: neither would any other just now.
    """

    def __init__(self, code: str, *, is_final: bool = False, is_everywhere: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final
        self.is_everywhere = is_everywhere


def carry(mail: Mail) -> None:
    """Send one mail by the route of the settings.

    :raises CarrierError: it did not leave
    """
    route = settings.MAIL_ROUTE
    message = _message(mail)
    try:
        if route.way is Way.SES:
            send_by_ses(
                message.message(),
                sender=settings.DEFAULT_FROM_EMAIL,
                recipient=mail.recipient,
                region=route.options["region"],
            )
        else:
            EmailBackend(**route.options).send_messages([message])
    except SesError as error:
        # What is not wrong with this mail is wrong with the service: its limits, its rights, its silence.
        is_everywhere = not error.is_final
        raised = CarrierError(error.code, is_final=error.is_final, is_everywhere=is_everywhere)
        raise _logged(mail, raised) from error
    except smtplib.SMTPRecipientsRefused as error:
        # The other end of this address says no: for good, or for now (a greylist, a full box).
        codes = [code for code, _words in error.recipients.values()]
        is_final = all(500 <= code < 600 for code in codes)
        raise _logged(mail, CarrierError(f"recipient-{codes[0]}", is_final=is_final)) from error
    except smtplib.SMTPDataError as error:
        is_final = 500 <= error.smtp_code < 600
        raise _logged(mail, CarrierError(f"message-{error.smtp_code}", is_final=is_final)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _logged(mail, CarrierError(type(error).__name__, is_everywhere=True)) from error


def _message(mail: Mail) -> EmailMultiAlternatives:
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.recipient],
        # The same at every try, so that a mail which arrives twice can be known as one.
        headers={"Message-ID": f"<{mail.public_id}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _logged(mail: Mail, error: CarrierError) -> CarrierError:
    log.warning("mail.put_off", mail=mail.public_id, reason=error.code, is_final=error.is_final)
    return error
