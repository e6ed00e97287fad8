"""Where a backtest stands, in the order of arrival."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fraud', '0007_submissions'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='backtest',
            name='last',
        ),
        migrations.AddField(
            model_name='backtest',
            name='cursor_at',
            field=models.DateTimeField(null=True),
        ),
    ]
