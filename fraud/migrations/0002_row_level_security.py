"""Policies by which the database itself keeps each institution's rows from the others; the owner is exempt."""

from django.db import migrations

# Every table of a tenant has the institution in a column of its own, so that no policy asks another table. Tenant 0 is
# "everywhere".
WITHIN = "ARRAY[institution_id, 0] && (SELECT acting_tenants())"
TABLES = ("submission", "application", "fraudelement", "screening")


def within_institution(table: str) -> migrations.RunSQL:
    name = f"fraud_{table}"
    return migrations.RunSQL(
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; CREATE POLICY within_tenants ON {name} USING ({WITHIN});",
        f"DROP POLICY within_tenants ON {name}; ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0002_everywhere_is_a_tenant"), ("fraud", "0001_tables")]
    operations = [within_institution(table) for table in TABLES]
