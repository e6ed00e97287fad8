"""Refuse to empty redemptions and the ledger at once, which no trigger of a row would notice; not even to the owner."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0012_lean_policies"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="ledger_entries_stay_whole",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;",
                    hash="7e8571bd2b2509ac8ae4b568bf3de6dfcb7d83d5",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_ledger_entries_stay_whole_20a0c",
                    table="campaigns_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="redemption",
            trigger=pgtrigger.compiler.Trigger(
                name="redemptions_stay_whole",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;",
                    hash="f8c08be372751fe53508de26642c88daecac4aa5",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_redemptions_stay_whole_f3e2b",
                    table="campaigns_redemption",
                    when="BEFORE",
                ),
            ),
        ),
    ]
