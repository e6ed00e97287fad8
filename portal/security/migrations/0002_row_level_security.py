"""Alerts and their notes are reached by those whose things they are about; without an organization, by nobody narrower."""

from django.db import migrations

POLICIES = """
ALTER TABLE security_alert ENABLE ROW LEVEL SECURITY;
CREATE POLICY within_tenants ON security_alert
    USING ((SELECT acts_everywhere()) OR within && (SELECT acting_tenants())::bigint[]);
ALTER TABLE security_alertnote ENABLE ROW LEVEL SECURITY;
CREATE POLICY within_tenants ON security_alertnote
    USING ((SELECT acts_everywhere()) OR EXISTS (SELECT FROM security_alert alert WHERE alert.id = alert_id));
"""
NONE = """
DROP POLICY within_tenants ON security_alertnote;
ALTER TABLE security_alertnote DISABLE ROW LEVEL SECURITY;
DROP POLICY within_tenants ON security_alert;
ALTER TABLE security_alert DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tenancy"), ("security", "0001_alerts_and_streams")]
    operations = [migrations.RunSQL(POLICIES, NONE)]
