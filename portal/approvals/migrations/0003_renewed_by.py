"""Requests remember who asked again, so that nobody both renews and decides one."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_row_level_security")]
    operations = [
        migrations.AddField("approval", "renewed_by", models.CharField(blank=True, max_length=32)),
        migrations.AddField("approval", "renewed_by_person", models.CharField(blank=True, max_length=32)),
        migrations.AddConstraint(
            "approval",
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"])
                | Q(renewed_by="")
                | ~Q(decided_by_person=F("renewed_by_person")) & ~Q(decided_by=F("renewed_by")),
                name="a_renewed_request_is_decided_by_another",
            ),
        ),
    ]
