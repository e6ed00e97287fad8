"""Requests are reached by those whose things they are about; what belongs nowhere in particular is the system's own."""

from django.db import migrations

POLICIES = """
ALTER TABLE approvals_approval ENABLE ROW LEVEL SECURITY;
CREATE POLICY within_tenants ON approvals_approval
    USING (
        (SELECT acts_everywhere()) OR within && (SELECT acting_tenants())::bigint[]
        OR within = '{}' AND (SELECT acts_somewhere())
    );
"""
NONE = """
DROP POLICY within_tenants ON approvals_approval;
ALTER TABLE approvals_approval DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tenancy"), ("approvals", "0001_requests")]
    operations = [migrations.RunSQL(POLICIES, NONE)]
