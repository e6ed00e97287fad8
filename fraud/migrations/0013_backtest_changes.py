"""Which applications a backtest would have decided otherwise."""

from importlib import import_module

import django.db.models.deletion
import fraud.rules.cases
import fraud.rules.decisions
from django.db import migrations, models

within_institution = import_module("fraud.migrations.0002_row_level_security").within_institution


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0011_webhooks_pause'),
    ]

    operations = [
        migrations.CreateModel(
            name='BacktestChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[(fraud.rules.decisions.Outcome['CLEAR'], fraud.rules.decisions.Outcome['CLEAR']), (fraud.rules.decisions.Outcome['REVIEW'], fraud.rules.decisions.Outcome['REVIEW']), (fraud.rules.decisions.Outcome['REFER'], fraud.rules.decisions.Outcome['REFER'])], max_length=8)),
                ('score', models.PositiveSmallIntegerField()),
                ('other_outcome', models.CharField(choices=[(fraud.rules.decisions.Outcome['CLEAR'], fraud.rules.decisions.Outcome['CLEAR']), (fraud.rules.decisions.Outcome['REVIEW'], fraud.rules.decisions.Outcome['REVIEW']), (fraud.rules.decisions.Outcome['REFER'], fraud.rules.decisions.Outcome['REFER'])], max_length=8)),
                ('other_score', models.PositiveSmallIntegerField()),
                ('verdict', models.CharField(blank=True, choices=[('', ''), (fraud.rules.cases.Verdict['FRAUD'], fraud.rules.cases.Verdict['FRAUD']), (fraud.rules.cases.Verdict['CLEAR'], fraud.rules.cases.Verdict['CLEAR']), (fraud.rules.cases.Verdict['UNSURE'], fraud.rules.cases.Verdict['UNSURE'])], default='', max_length=8)),
                ('application', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fraud.application')),
                ('backtest', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='fraud.backtest')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.institution')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('backtest', 'application'), name='one_change_per_backtest_and_application'), models.CheckConstraint(condition=models.Q(('outcome', models.F('other_outcome')), _negated=True), name='a_change_changes_the_outcome')],
            },
        ),
        within_institution("backtestchange"),
    ]
