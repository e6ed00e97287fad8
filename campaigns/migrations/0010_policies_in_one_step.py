"""Let a policy that asks for a row of another table find it without that table's own policy: half the work."""

from importlib import import_module

from django.db import migrations

before = import_module("campaigns.migrations.0009_row_level_security")

# They belong to the owner, who is above policies, and hold only what is in reach and only ids of it. Tenant 0 is
# "everywhere".
VIEWS = """
CREATE VIEW campaigns_campaign_in_reach AS
SELECT id FROM campaigns_campaign WHERE ARRAY[market_id, brand_id, 0] && (SELECT acting_tenants());

CREATE VIEW campaigns_batch_in_reach AS
SELECT batch.id FROM campaigns_batch batch JOIN campaigns_campaign campaign ON campaign.id = campaign_id
WHERE ARRAY[printer_id, market_id, brand_id, 0] && (SELECT acting_tenants());

CREATE VIEW campaigns_member_in_reach AS
SELECT id FROM campaigns_member WHERE ARRAY[market_id, 0] && (SELECT acting_tenants())
    OR market_id = ANY ((SELECT campaigns_markets_of_brands())::bigint[]);
"""
VIEW_OF_PRINTED = """
CREATE VIEW campaigns_batch_printed AS
SELECT id FROM campaigns_batch WHERE printer_id = ANY ((SELECT acting_tenants())::bigint[]);
"""
NO_VIEWS = """
DROP VIEW campaigns_member_in_reach, campaigns_batch_printed, campaigns_batch_in_reach, campaigns_campaign_in_reach;
"""

TENANTS = "(SELECT acting_tenants())"
OF_CAMPAIGN = "EXISTS (SELECT FROM campaigns_campaign_in_reach reach WHERE reach.id = campaign_id)"
OF_BATCH = "EXISTS (SELECT FROM campaigns_batch_in_reach reach WHERE reach.id = batch_id)"
POLICIES = {
    "campaign": (
        f"ARRAY[market_id, brand_id, 0] && {TENANTS} OR id = ANY ((SELECT campaigns_printed())::bigint[])",
        f"ARRAY[market_id, brand_id, 0] && {TENANTS}",
    ),
    "batch": (f"ARRAY[printer_id, 0] && {TENANTS} OR {OF_CAMPAIGN}", ""),
    "batchfile": (OF_BATCH, ""),
    "voidrange": (OF_BATCH, ""),
    "member": (
        f"ARRAY[market_id, 0] && {TENANTS} OR market_id = ANY ((SELECT campaigns_markets_of_brands())::bigint[])",
        "",
    ),
    "redemption": (
        f"{OF_CAMPAIGN} OR EXISTS (SELECT FROM campaigns_batch_printed reach WHERE reach.id = batch_id)",
        "",
    ),
    # A new member comes in the same statement as the first entry, which therefore cannot see it; the redemption that
    # an entry belongs to has been asked.
    "ledgerentry": (
        "EXISTS (SELECT FROM campaigns_member_in_reach reach WHERE reach.id = member_id)",
        "(SELECT acts_somewhere())",
    ),
}


def policy(name, reach, check):
    with_check = f" WITH CHECK ({check})" if check else ""
    table = f"campaigns_{name}"
    return f"DROP POLICY within_tenants ON {table}; CREATE POLICY within_tenants ON {table} USING ({reach}){with_check};"


class Migration(migrations.Migration):
    dependencies = [("core", "0002_everywhere_is_a_tenant"), ("campaigns", "0009_row_level_security")]
    operations = [
        migrations.RunSQL(VIEWS + VIEW_OF_PRINTED, NO_VIEWS),
        *(
            migrations.RunSQL(policy(name, *now), policy(name, *before.POLICIES[name]))
            for name, now in POLICIES.items()
        ),
    ]
