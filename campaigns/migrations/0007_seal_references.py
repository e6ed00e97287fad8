"""Seal the reference of each member under a key of its own and find it by a token; in chunks, from where it stopped."""

from django.db import migrations, transaction
from django.utils.timezone import now

from portal.core.keys import keyring
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import DataKey, Place, seal, unseal
from portal.crypto.tokens import token

CHUNK = 2000


def seal_references(apps, schema_editor):
    members, subjects = apps.get_model("campaigns", "Member"), apps.get_model("keys", "SubjectKey")
    keys, last = {}, 0
    while True:
        with transaction.atomic():
            waiting = members.objects.select_for_update().filter(reference_token__isnull=True, pk__gt=last)
            rows = list(waiting.order_by("pk")[:CHUNK])
            if not rows:
                return
            added, last = [], rows[-1].pk
            for member in rows:
                scope = f"market:{member.market_id}"
                row, parent = _scope_key(apps, keys, Purpose.MEMBERS, scope)
                _, tokens = _scope_key(apps, keys, Purpose.TOKENS, scope)
                own = DataKey.new()
                wrapped = seal(parent, own.secret, place=Place("keys_subjectkey", "wrapped", member.public_id))
                added.append(subjects(subject=member.public_id, scope_key=row, wrapped=wrapped, created_at=now()))
                place = Place("campaigns_member", "sealed_reference", member.public_id)
                member.sealed_reference = seal(own, member.reference.encode(), place=place)
                member.reference_token = token(tokens.secret, "member", member.reference)
                member.reference = None
            subjects.objects.bulk_create(added)
            members.objects.bulk_update(rows, ["sealed_reference", "reference_token", "reference"], batch_size=500)


def open_references(apps, schema_editor):
    members, subjects = apps.get_model("campaigns", "Member"), apps.get_model("keys", "SubjectKey")
    keys = {}
    while True:
        with transaction.atomic():
            rows = list(members.objects.select_for_update().filter(reference__isnull=True).order_by("pk")[:CHUNK])
            if not rows:
                return
            wrapped = subjects.objects.select_related("scope_key").in_bulk([row.public_id for row in rows])
            for member in rows:
                member.reference = _opened(keys, member, wrapped.get(member.public_id))
            members.objects.bulk_update(rows, ["reference"], batch_size=500)
            members.objects.filter(pk__in=[row.pk for row in rows]).update(
                reference_token=None, sealed_reference=None
            )
            subjects.objects.filter(subject__in=list(wrapped)).delete()


def _opened(keys, member, subject):
    if member.sealed_reference is None or subject is None or subject.wrapped is None:
        return f"erased:{member.public_id}"
    row = subject.scope_key
    if row.pk not in keys:
        secret = keyring().unwrap(Purpose(row.purpose), f"{row.scope}:v{row.version}", row.wrapped)
        keys[row.pk] = DataKey.of(secret, version=row.version)
    place = Place("keys_subjectkey", "wrapped", member.public_id)
    own = DataKey.of(unseal(keys[row.pk], subject.wrapped, place=place))
    return unseal(own, member.sealed_reference, place=Place("campaigns_member", "sealed_reference", member.public_id)).decode()


def _scope_key(apps, keys, purpose, scope):
    """Give the row and the opened key of a scope, making its first one if it has none."""
    if (purpose, scope) not in keys:
        rows = apps.get_model("keys", "ScopeKey").objects.filter(purpose=purpose, scope=scope, retired_at=None)
        row = rows.first()
        if row is None:
            wrapped = keyring().new_data_key(purpose, f"{scope}:v1")
            key = DataKey.of(keyring().unwrap(purpose, f"{scope}:v1", wrapped))
            row = rows.create(
                purpose=purpose, scope=scope, version=1, key_id=key.id, wrapped=wrapped, created_at=now()
            )
        secret = keyring().unwrap(purpose, f"{scope}:v{row.version}", row.wrapped)
        keys[purpose, scope] = row, DataKey.of(secret, version=row.version)
    return keys[purpose, scope]


class Migration(migrations.Migration):

    # A chunk at a time: a kill leaves what is done, and the next run goes on from there.
    atomic = False
    dependencies = [("campaigns", "0006_member_tokens")]
    operations = [migrations.RunPython(seal_references, open_references)]
