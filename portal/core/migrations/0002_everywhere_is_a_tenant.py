"""Say "everywhere" as tenant 0, which no organization is, so that a policy asks one question and not two."""

from django.db import migrations

ZERO = """
CREATE OR REPLACE FUNCTION acting_tenants() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE coalesce(current_setting('countersign.tenants', TRUE), '') WHEN '' THEN '{}'::bigint[]
    WHEN '*' THEN '{0}'::bigint[]
    ELSE string_to_array(current_setting('countersign.tenants', TRUE), ',')::bigint[] END;
"""
NO_ZERO = """
CREATE OR REPLACE FUNCTION acting_tenants() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN coalesce(current_setting('countersign.tenants', TRUE), '') IN ('', '*') THEN '{}'::bigint[]
    ELSE string_to_array(current_setting('countersign.tenants', TRUE), ',')::bigint[] END;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tenancy")]
    operations = [migrations.RunSQL(ZERO, NO_ZERO)]
