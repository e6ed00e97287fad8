"""Entries of the trail are read by those whose things they are about, and written by everybody."""

from django.db import migrations

POLICIES = """
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_within_tenants ON audit_entry FOR SELECT
    USING ((SELECT acts_everywhere()) OR within && (SELECT acting_tenants())::bigint[]);
-- Also before it is known who acts, as when somebody fails to sign in.
CREATE POLICY written_by_everybody ON audit_entry FOR INSERT WITH CHECK (TRUE);
"""
NONE = """
DROP POLICY written_by_everybody ON audit_entry;
DROP POLICY read_within_tenants ON audit_entry;
ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tenancy"), ("audit", "0003_sealed_and_final")]
    operations = [migrations.RunSQL(POLICIES, NONE)]
