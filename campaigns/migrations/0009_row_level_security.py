"""Policies by which the database itself keeps each tenant's rows from the others; the owner is exempt."""

from django.db import migrations

# Batches ask for their campaigns, and campaigns for their batches: one of the two asks past the policies.
FUNCTIONS = """
CREATE FUNCTION campaigns_printed() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$ SELECT array_agg(DISTINCT campaign_id) FROM campaigns_batch WHERE printer_id = ANY (acting_tenants()) $$;

CREATE FUNCTION campaigns_markets_of_brands() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$ SELECT array_agg(DISTINCT market_id) FROM campaigns_campaign WHERE brand_id = ANY (acting_tenants()) $$;

-- A range is compared by a function that might leak, so with a policy on the table its index would not be used. The
-- batch has been reached by whoever asks.
CREATE FUNCTION campaigns_voided_at(bigint, bigint) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$ SELECT voided_at FROM campaigns_voidrange WHERE batch_id = $1 AND serials @> $2 $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION campaigns_voided_at(bigint, bigint);
DROP FUNCTION campaigns_printed();
DROP FUNCTION campaigns_markets_of_brands();
"""

EVERYWHERE = "(SELECT acts_everywhere())"
TENANTS = "(SELECT acting_tenants())::bigint[]"
OF_CAMPAIGN = f"""EXISTS (SELECT FROM campaigns_campaign campaign
    WHERE campaign.id = campaign_id AND ARRAY[campaign.market_id, campaign.brand_id] && {TENANTS})"""

# Each table with who reaches a row, and where it differs, who may leave one there. The cheapest question comes first.
POLICIES = {
    "campaign": (
        f"{EVERYWHERE} OR ARRAY[market_id, brand_id] && {TENANTS}"
        " OR id = ANY ((SELECT campaigns_printed())::bigint[])",
        f"{EVERYWHERE} OR ARRAY[market_id, brand_id] && {TENANTS}",
    ),
    "batch": (f"{EVERYWHERE} OR printer_id = ANY ({TENANTS}) OR {OF_CAMPAIGN}", ""),
    "batchfile": (
        f"{EVERYWHERE} OR EXISTS (SELECT FROM campaigns_batch batch WHERE batch.id = batch_id)",
        "",
    ),
    "voidrange": (
        f"{EVERYWHERE} OR EXISTS (SELECT FROM campaigns_batch batch WHERE batch.id = batch_id)",
        "",
    ),
    "member": (
        f"{EVERYWHERE} OR market_id = ANY ({TENANTS})"
        " OR market_id = ANY ((SELECT campaigns_markets_of_brands())::bigint[])",
        "",
    ),
    "redemption": (
        f"{EVERYWHERE} OR {OF_CAMPAIGN}"
        f" OR EXISTS (SELECT FROM campaigns_batch batch WHERE batch.id = batch_id AND printer_id = ANY ({TENANTS}))",
        "",
    ),
    # A new member comes in the same statement as the first entry, which therefore cannot see it; the redemption that
    # an entry belongs to has been asked.
    "ledgerentry": (
        f"{EVERYWHERE} OR EXISTS (SELECT FROM campaigns_member member WHERE member.id = member_id)",
        "(SELECT acts_somewhere())",
    ),
}


def made(name, reach, check):
    table = f"campaigns_{name}"
    with_check = f" WITH CHECK ({check})" if check else ""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY within_tenants ON {table} USING ({reach}){with_check};",
        f"DROP POLICY within_tenants ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tenancy"), ("campaigns", "0008_references_are_sealed")]
    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        *(made(name, *policy) for name, policy in POLICIES.items()),
    ]
