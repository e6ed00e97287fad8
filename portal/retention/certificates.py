"""Certificates of what went: a document that a machine reads, signed, beside the trail's entries."""

import json
from datetime import datetime
from typing import Any

from portal.core.signing import signer
from portal.crypto.keyring import Purpose
from portal.crypto.signatures import key_id, sign
from portal.keys.models import Certificate
from portal.retention.models import RetentionRun

FORMAT = 1


def certify_run(run: RetentionRun, *, now: datetime) -> str:
    """Sign what a finished run removed; return the certificate's public id.

    It names how many rows, the first and the last, the cut-off, and a digest over the names of all: SHA-256 over the
    digest so far and the names of each chunk, by line.
    """
    content = {
        "format": FORMAT,
        "certificate": "retention",
        "run": run.public_id,
        "policy": run.policy,
        "action": run.action,
        "organization": run.organization.public_id if run.organization else "",
        "days": run.days,
        "cut_off": run.cut_off.isoformat(),
        "rows": run.done,
        "first": run.first,
        "last": run.last,
        "digest": run.digest,
        "started_at": run.started_at.isoformat(),
        "finished_at": now.isoformat(),
    }
    return certify(run.public_id, content, now=now)


def certify(subject: str, content: dict[str, Any], *, now: datetime) -> str:
    """Sign a document about what went, and keep it; return its public id."""
    text = json.dumps(content, indent=2, sort_keys=True)
    private = signer(Purpose.CERTIFICATES)
    signature, key = sign(private, text.encode()), key_id(private.public_key())
    kept = Certificate.objects.create(subject=subject, content=text, signature=signature, key_id=key, at=now)
    return kept.public_id
