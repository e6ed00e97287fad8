"""The kit for pages, and the pages that belong to no domain."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "portal.web"
    label = "web"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in as signed_in
        from django.contrib.auth.signals import user_logged_in

        from portal.accounts.roles import Act
        from portal.approvals import kinds
        from portal.approvals.trail_exports import TRAIL_EXPORT
        from portal.web import sessions, sign_in
        from portal.web.navigation import Entry, Group, register
        from portal.web.platform.waiting import waiting_requests

        kinds.register(TRAIL_EXPORT)
        user_logged_in.connect(sessions.begin, dispatch_uid="begin-session")
        signed_in.connect(sign_in.note_sign_in, dispatch_uid="note-sign-in")
        register(
            Entry(Group.PLATFORM, _("Clients and keys"), "clients", "key", Act.CLIENT_READ, order=80),
            Entry(Group.PLATFORM, _("People"), "people", "users", Act.PERSON_READ, order=90),
            Entry(Group.PLATFORM, _("Trail"), "trail", "history", Act.TRAIL_READ, order=100),
            Entry(Group.PLATFORM, _("Requests"), "requests", "shield-check", Act.REQUEST_READ, order=70),
            Entry(Group.PLATFORM, _("Retention"), "retention", "hourglass", Act.RETENTION_READ, order=75),
            waiting=waiting_requests,
        )
