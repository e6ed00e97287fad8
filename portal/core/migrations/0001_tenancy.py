"""The functions by which policies ask whose rows are in reach: see portal/core/tenancy.py."""

from django.db import migrations

# Their bodies are parsed once, so no search path leads them astray. Policies ask them as (SELECT …), once for each
# statement and not for each row.
FUNCTIONS = """
CREATE FUNCTION acts_everywhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('countersign.tenants', TRUE), '') = '*';

CREATE FUNCTION acts_somewhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('countersign.tenants', TRUE), '') <> '';

CREATE FUNCTION acting_tenants() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN coalesce(current_setting('countersign.tenants', TRUE), '') IN ('', '*') THEN '{}'::bigint[]
    ELSE string_to_array(current_setting('countersign.tenants', TRUE), ',')::bigint[] END;
"""
GONE = """
DROP FUNCTION acting_tenants();
DROP FUNCTION acts_somewhere();
DROP FUNCTION acts_everywhere();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
