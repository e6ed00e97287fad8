"""One more purpose of keys: signatures over what institutions get back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('keys', '0001_keys'),
    ]

    operations = [
        migrations.AlterField(
            model_name='rotation',
            name='purpose',
            field=models.CharField(choices=[('campaign-codes', 'campaign-codes'), ('manifests', 'manifests'), ('members', 'members'), ('people', 'people'), ('trail', 'trail'), ('certificates', 'certificates'), ('results', 'results'), ('tokens', 'tokens'), ('applicants', 'applicants'), ('tokens-screening', 'tokens-screening'), ('tokens-registry', 'tokens-registry')], max_length=32),
        ),
        migrations.AlterField(
            model_name='scopekey',
            name='purpose',
            field=models.CharField(choices=[('campaign-codes', 'campaign-codes'), ('manifests', 'manifests'), ('members', 'members'), ('people', 'people'), ('trail', 'trail'), ('certificates', 'certificates'), ('results', 'results'), ('tokens', 'tokens'), ('applicants', 'applicants'), ('tokens-screening', 'tokens-screening'), ('tokens-registry', 'tokens-registry')], max_length=32),
        ),
        migrations.AlterField(
            model_name='signingkey',
            name='purpose',
            field=models.CharField(choices=[('campaign-codes', 'campaign-codes'), ('manifests', 'manifests'), ('members', 'members'), ('people', 'people'), ('trail', 'trail'), ('certificates', 'certificates'), ('results', 'results'), ('tokens', 'tokens'), ('applicants', 'applicants'), ('tokens-screening', 'tokens-screening'), ('tokens-registry', 'tokens-registry')], max_length=32),
        ),
    ]
