"""Spare elements and screenings the questions whether their application and institution are there."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0009_webhooks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='fraudelement',
            name='application',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='elements', to='fraud.application'),
        ),
        migrations.AlterField(
            model_name='fraudelement',
            name='institution',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
        migrations.AlterField(
            model_name='screening',
            name='institution',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution'),
        ),
    ]
