"""Drop the index of a member's market alone, which led the planner past the one of market and token."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0010_policies_in_one_step")]
    operations = [
        migrations.AlterField(
            "member",
            "market",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="campaigns.market",
            ),
        )
    ]
