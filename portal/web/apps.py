"""The kit for pages, and the pages that belong to no domain."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WebConfig(AppConfig):
    name = "portal.web"
    label = "web"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in as signed_in
        from django.contrib.auth.signals import user_logged_in

        from portal.accounts.roles import Act
        from portal.approvals import key_acts, kinds
        from portal.approvals.key_changes import KEY_CHANGE
        from portal.approvals.trail_exports import TRAIL_EXPORT
        from portal.security.models import AlertState
        from portal.web import sessions, sign_in, states
        from portal.web.navigation import Entry, Group, register
        from portal.web.platform.alert_signs import alert_figures, waiting_alerts
        from portal.web.platform.waiting import waiting_requests

        kinds.register(KEY_CHANGE)
        kinds.register(key_acts.CHANGE)
        kinds.register(key_acts.RETIREMENT)
        kinds.register(TRAIL_EXPORT)
        user_logged_in.connect(sessions.begin, dispatch_uid="begin-session")
        signed_in.connect(sign_in.note_sign_in, dispatch_uid="note-sign-in")
        register(
            Entry(Group.PLATFORM, _("Clients and keys"), "clients", "key", Act.CLIENT_READ, order=80),
            Entry(
                Group.PLATFORM,
                _("People"),
                "people",
                "users",
                Act.PERSON_READ,
                order=90,
                also=("roles", "mails", "single-sign-on"),
            ),
            Entry(Group.PLATFORM, _("Trail"), "trail", "history", Act.TRAIL_READ, order=100),
            Entry(Group.PLATFORM, _("Keys"), "keyring", "lock", Act.KEY_READ, order=120),
            Entry(Group.PLATFORM, _("Requests"), "requests", "shield-check", Act.REQUEST_READ, order=70),
            Entry(
                Group.PLATFORM,
                _("Retention"),
                "retention",
                "hourglass",
                Act.RETENTION_READ,
                order=75,
                also=("subjects",),
            ),
            waiting=waiting_requests,
        )
        states.register(
            {
                AlertState.OPEN: (states.Family.WAITS, pgettext_lazy("alert", "Open")),
                AlertState.IN_HAND: (states.Family.WORKING, _("In hand")),
            }
        )
        register(
            Entry(Group.PLATFORM, _("Alerts"), "alerts", "alert-triangle", Act.ALERT_READ, order=72),
            waiting=waiting_alerts,
            figures=alert_figures,
        )
