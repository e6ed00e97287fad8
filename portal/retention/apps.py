"""How long things are kept, legal holds, certificates of what went, and access to what is held about somebody."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "portal.retention"
    label = "retention"

    def ready(self) -> None:
        from portal.approvals import kinds
        from portal.retention import platform, subjects
        from portal.retention.operations.holds import LIFT
        from portal.retention.operations.periods import CHANGE
        from portal.retention.operations.subjects import ERASURE
        from portal.retention.people import PEOPLE

        platform.register_all()
        subjects.register(PEOPLE)
        for kind in (CHANGE, LIFT, ERASURE):
            kinds.register(kind)
