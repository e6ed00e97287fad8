"""Mail: letters written in a person's language, kept in an outbox, and sent by a worker."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "portal.mail"
    label = "mail"
