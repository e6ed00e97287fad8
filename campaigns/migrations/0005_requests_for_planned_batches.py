"""Ask anew, in the common table of requests, for the second signature on every batch that waits for one."""

from datetime import UTC, datetime, timedelta

from django.db import migrations

TITLE = "Approve {codes} codes for {campaign}"
LASTS = timedelta(days=14)


def ask(apps, schema_editor):
    from portal.core.phrases import Phrase

    approval = apps.get_model("approvals", "Approval")
    batch = apps.get_model("campaigns", "Batch")
    now = datetime.now(UTC)
    rows = batch.objects.filter(state="planned").select_related("campaign__market", "printer").order_by("pk")
    for row in rows.iterator(1000):
        facts = {
            "codes": row.quantity,
            "campaign": row.campaign.name,
            "printer": row.printer.name,
            "market": row.campaign.market.name,
        }
        place = {
            "market": row.campaign.market_id,
            "brand": row.campaign.brand_id,
            "printer": row.printer_id,
        }
        approval.objects.create(
            kind="batch",
            subject_kind="batch",
            subject_id=row.public_id,
            title=Phrase(TITLE, **facts),
            facts=facts,
            place=place,
            within=sorted(set(place.values())),
            state="pending",
            asked_at=row.planned_at,
            asked_by=row.planned_by,
            asked_by_person=row.planned_by_person,
            # As long as a new request lasts: nobody loses their say by the change.
            expires_at=now + LASTS,
        )


def forget(apps, schema_editor):
    apps.get_model("approvals", "Approval").objects.filter(kind="batch").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_requests"),
        ("campaigns", "0004_problems_in_any_language"),
    ]

    operations = [migrations.RunPython(ask, forget)]
