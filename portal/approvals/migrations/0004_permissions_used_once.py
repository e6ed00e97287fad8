"""What a second person allows somebody to do by hand is done once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_renewed_by")]
    operations = [
        migrations.AddField("approval", "used_at", models.DateTimeField(null=True)),
    ]
