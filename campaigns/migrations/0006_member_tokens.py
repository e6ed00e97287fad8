"""Make room for members' tokens and sealed references, beside the references that lie open."""

from django.db import migrations, models

import portal.keys.fields
from portal.crypto.keyring import Purpose


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0005_requests_for_planned_batches"),
        ("keys", "0001_keys"),
    ]

    operations = [
        migrations.AddField("member", "reference_token", models.BinaryField(max_length=16, null=True)),
        migrations.AddField(
            "member",
            "sealed_reference",
            portal.keys.fields.SealedField(purpose=Purpose.MEMBERS, longest=512, null=True),
        ),
        migrations.AddField("member", "erased_at", models.DateTimeField(null=True)),
        # So that the references can be taken away, and come back empty if they must.
        migrations.AlterField("member", "reference", models.CharField(max_length=128, null=True)),
    ]
