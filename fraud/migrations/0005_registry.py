"""The registry of the consortium: records with their tokens, look-ups, notices, and who asked and gave how much."""

import django.db.models.deletion
import fraud.models.registry
import fraud.rules.consortium
import portal.core.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0004_rulebooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegistryInquiry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('application', models.CharField(max_length=32, unique=True)),
                ('purpose', models.CharField(choices=[(fraud.rules.consortium.Purpose['SCREENING'], fraud.rules.consortium.Purpose['SCREENING']), (fraud.rules.consortium.Purpose['RECHECK'], fraud.rules.consortium.Purpose['RECHECK'])], max_length=12)),
                ('month', models.DateField()),
                ('tokens', models.BinaryField(max_length=4096)),
            ],
            options={
                'verbose_name_plural': 'registry inquiries',
            },
        ),
        migrations.CreateModel(
            name='RegistryMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.BinaryField(max_length=16, unique=True)),
                ('identity', models.BinaryField(max_length=200)),
                ('quota', models.PositiveIntegerField(null=True)),
                ('joined_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='RegistryInquiryToken',
            fields=[
                ('pk', models.CompositePrimaryKey('head', 'inquiry_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('head', models.BigIntegerField()),
                ('inquiry', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fraud.registryinquiry')),
            ],
        ),
        migrations.AddField(
            model_name='registryinquiry',
            name='member',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fraud.registrymember'),
        ),
        migrations.CreateModel(
            name='RegistryRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.core.models._Prefixed('rec'), editable=False, max_length=32, unique=True)),
                ('contribution', models.BinaryField(max_length=16, unique=True)),
                ('fraud_type', models.CharField(choices=[(fraud.rules.consortium.FraudType['IDENTITY_THEFT'], fraud.rules.consortium.FraudType['IDENTITY_THEFT']), (fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY'], fraud.rules.consortium.FraudType['SYNTHETIC_IDENTITY']), (fraud.rules.consortium.FraudType['FIRST_PARTY'], fraud.rules.consortium.FraudType['FIRST_PARTY']), (fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER'], fraud.rules.consortium.FraudType['ACCOUNT_TAKEOVER']), (fraud.rules.consortium.FraudType['MONEY_MULE'], fraud.rules.consortium.FraudType['MONEY_MULE']), (fraud.rules.consortium.FraudType['FORGED_DOCUMENT'], fraud.rules.consortium.FraudType['FORGED_DOCUMENT']), (fraud.rules.consortium.FraudType['OTHER'], fraud.rules.consortium.FraudType['OTHER'])], max_length=24)),
                ('role', models.CharField(choices=[(fraud.rules.consortium.RecordRole['PERPETRATOR'], fraud.rules.consortium.RecordRole['PERPETRATOR']), (fraud.rules.consortium.RecordRole['VICTIM'], fraud.rules.consortium.RecordRole['VICTIM']), (fraud.rules.consortium.RecordRole['MULE'], fraud.rules.consortium.RecordRole['MULE'])], max_length=12)),
                ('month', models.DateField()),
                ('proof', models.CharField(choices=[(fraud.rules.consortium.Proof['ESTABLISHED'], fraud.rules.consortium.Proof['ESTABLISHED']), (fraud.rules.consortium.Proof['EVIDENCED'], fraud.rules.consortium.Proof['EVIDENCED'])], max_length=12)),
                ('expires_on', models.DateField()),
                ('contributor', models.BinaryField(max_length=100)),
                ('state', models.CharField(choices=[(fraud.models.registry.RecordState['LIVE'], fraud.models.registry.RecordState['LIVE']), (fraud.models.registry.RecordState['DISPUTED'], fraud.models.registry.RecordState['DISPUTED']), (fraud.models.registry.RecordState['CORRECTED'], fraud.models.registry.RecordState['CORRECTED']), (fraud.models.registry.RecordState['RETRACTED'], fraud.models.registry.RecordState['RETRACTED'])], default='live', max_length=10)),
                ('tokens', models.BinaryField(max_length=4096)),
                ('application', models.CharField(blank=True, max_length=32)),
                ('news', models.CharField(blank=True, choices=[(fraud.rules.consortium.NoticeKind['RETRO_HIT'], fraud.rules.consortium.NoticeKind['RETRO_HIT']), (fraud.rules.consortium.NoticeKind['RETRACTION'], fraud.rules.consortium.NoticeKind['RETRACTION'])], max_length=12)),
                ('registered_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('news', ''), _negated=True), fields=['id'], name='records_with_news'), models.Index(fields=['expires_on'], name='records_by_expiry')],
            },
        ),
        migrations.CreateModel(
            name='RegistryNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[(fraud.rules.consortium.NoticeKind['RETRO_HIT'], fraud.rules.consortium.NoticeKind['RETRO_HIT']), (fraud.rules.consortium.NoticeKind['RETRACTION'], fraud.rules.consortium.NoticeKind['RETRACTION'])], max_length=12)),
                ('made_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('inquiry', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fraud.registryinquiry')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.registrymember')),
                ('record', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fraud.registryrecord')),
            ],
        ),
        migrations.CreateModel(
            name='RegistryTally',
            fields=[
                ('pk', models.CompositePrimaryKey('member_id', 'day', 'slot', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('slot', models.PositiveSmallIntegerField()),
                ('inquiries', models.PositiveIntegerField(default=0)),
                ('records', models.PositiveIntegerField(default=0)),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud.registrymember')),
            ],
            options={
                'verbose_name_plural': 'registry tallies',
            },
        ),
        migrations.CreateModel(
            name='RegistryToken',
            fields=[
                ('pk', models.CompositePrimaryKey('token', 'record_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('token', models.UUIDField()),
                ('kind', models.PositiveSmallIntegerField()),
                ('record', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fraud.registryrecord')),
            ],
        ),
        migrations.AddIndex(
            model_name='registryinquiry',
            index=models.Index(fields=['month'], name='inquiries_by_month'),
        ),
        migrations.AddIndex(
            model_name='registrynotice',
            index=models.Index(condition=models.Q(('acknowledged_at', None)), fields=['id'], name='notices_that_wait'),
        ),
        migrations.AddIndex(
            model_name='registrynotice',
            index=models.Index(fields=['acknowledged_at'], name='notices_by_their_end'),
        ),
        migrations.AddConstraint(
            model_name='registrynotice',
            constraint=models.UniqueConstraint(condition=models.Q(('acknowledged_at', None)), fields=('inquiry', 'record', 'kind'), name='one_waiting_notice_of_a_kind'),
        ),
    ]
