"""Layouts by default, of an institution and of its clients, and intake keys that follow each other."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_tables'),
        ('fraud', '0016_files_end'),
    ]

    operations = [
        migrations.AddField(
            model_name='institution',
            name='default_layout',
            field=models.CharField(blank=True, default='', max_length=64, verbose_name='default layout'),
        ),
        migrations.CreateModel(
            name='ClientLayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layout', models.CharField(max_length=64)),
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.client')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='client_layouts', to='fraud.institution')),
            ],
            options={'indexes': [models.Index(fields=['institution', 'id'], name='client_layouts_by_institution')]},
        ),
        within_institution("clientlayout"),
        migrations.AddField(model_name='intakekey', name='closes_at', field=models.DateTimeField(null=True)),
        migrations.AddField(model_name='intakekey', name='erased_at', field=models.DateTimeField(null=True)),
        migrations.AlterField(
            model_name='intakekey',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intake_keys', to='fraud.institution'),
        ),
        migrations.AddConstraint(
            model_name='intakekey',
            constraint=models.UniqueConstraint(condition=models.Q(('closes_at', None)), fields=('institution',), name='one_intake_key_in_use'),
        ),
    ]
