"""Find what is left to finish and to ask about again however old it is, without looking at the same past twice."""

from django.db import migrations, models
from django.db.models import Q

# Of what was decided without the consortium, what a later screening has heard.
HEARD = """
UPDATE fraud_screening AS old SET heard_at = later.screened_at
FROM fraud_screening AS later
WHERE old.is_degraded AND later.application_id = old.application_id AND later.id > old.id
    AND later.kind <> 'first' AND NOT later.is_degraded
"""


class Migration(migrations.Migration):

    dependencies = [
        ("fraud", "0013_backtest_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("reached_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="screening", name="heard_at", field=models.DateTimeField(null=True)
        ),
        migrations.RunSQL(HEARD, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="screening", name="screenings_to_ask_again"),
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(
                fields=["application"],
                name="screenings_to_ask_again",
                condition=Q(is_degraded=True, heard_at__isnull=True),
            ),
        ),
    ]
