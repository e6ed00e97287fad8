"""Take the open references away, now that each is sealed and found by its token."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0007_seal_references")]

    operations = [
        migrations.AlterField("member", "reference_token", models.BinaryField(max_length=16)),
        migrations.RemoveConstraint("member", "one_member_per_reference"),
        migrations.AddConstraint(
            "member",
            models.UniqueConstraint(fields=["market", "reference_token"], name="one_member_per_reference"),
        ),
        migrations.AddConstraint(
            "member",
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, sealed_reference__isnull=False)
                | Q(erased_at__isnull=False, sealed_reference__isnull=True),
                name="a_reference_is_sealed_or_erased",
            ),
        ),
        migrations.RemoveField("member", "reference"),
    ]
