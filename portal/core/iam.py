"""What each process may do in AWS, as IAM policies made from the page of privileges; pure data in, JSON's shape out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.crypto.keyring import Purpose
from portal.privileges import BUCKETS, KEYS, TABLES, Access, Process, Verb

# Where keys of a purpose lie wrapped: whoever may add a row there wraps too, and everybody else only unwraps.
_KEPT_IN = {
    Purpose.CAMPAIGN_CODES: "campaigns_campaign",
    Purpose.MANIFESTS: "keys_signingkey",
    Purpose.TRAIL: "keys_signingkey",
    Purpose.CERTIFICATES: "keys_signingkey",
    Purpose.RESULTS: "keys_signingkey",
}
_OTHERS_KEPT_IN = "keys_scopekey"

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called in one AWS account.

    *keys*: purpose → ARNs, the key behind the alias and older ones that still wrap something. *buckets*: what a bucket
    is for → its names. *bucket_key*: ARN of the key with which the store encrypts in its *region*, "" for its own.
    *locked*: the buckets whose objects are locked when they are put.
    """

    keys: Mapping[Purpose, Sequence[str]]
    buckets: Mapping[str, Sequence[str]]
    bucket_key: str = ""
    region: str = ""
    locked: frozenset[str] = field(default_factory=frozenset)


def policy(process: Process, names: Names) -> dict[str, Any]:
    """Write the IAM policy of one process: its own purposes and buckets, by name, and nothing else."""
    return {"Version": "2012-10-17", "Statement": [*_keys(process, names), *_buckets(process, names)]}


def may_wrap(process: Process, purpose: Purpose) -> bool:
    """Say whether a process makes keys of a purpose, or wraps them anew, besides opening them."""
    if process is Process.MIGRATE:
        return True
    rights = TABLES[_KEPT_IN.get(purpose, _OTHERS_KEPT_IN)].get(process, ())
    return any(right.verb is Verb.INSERT for right in rights)


def _keys(process: Process, names: Names) -> Iterator[Statement]:
    for purpose, whose in KEYS.items():
        if process not in whose:
            continue
        name, keys = purpose.title().replace("-", ""), list(names.keys[purpose])
        acts = ["kms:Decrypt", *["kms:Encrypt"] * may_wrap(process, purpose)]
        # Every call of ours says what the key is for, so that no other use of it is possible.
        bound = {"StringEquals": {"kms:EncryptionContext:purpose": str(purpose)}}
        yield _allowed(f"Keys{name}", acts, keys, Condition=bound)
        # Has no encryption context, and tells no secret.
        yield _allowed(f"Name{name}", ["kms:DescribeKey"], keys)


def _buckets(process: Process, names: Names) -> Iterator[Statement]:
    for purpose, whose in BUCKETS.items():
        if process not in whose:
            continue
        access, name = whose[process], purpose.title()
        # A name may go on with a prefix, below which our objects are.
        arns = sorted({f"arn:aws:s3:::{bucket.partition('/')[0]}" for bucket in names.buckets[purpose]})
        listing = ["s3:ListBucket", *["s3:ListBucketMultipartUploads"] * access.writes]
        yield _allowed(f"List{name}", listing, arns)
        # Every object there, since their keys are made while the portal runs.
        objects = [f"arn:aws:s3:::{bucket}/*" for bucket in names.buckets[purpose]]
        yield _allowed(f"Objects{name}", _acts(access, is_locked=purpose in names.locked), objects)
        if names.bucket_key:
            yield _encrypting(name, access, names)


def _acts(access: Access, *, is_locked: bool) -> list[str]:
    return [
        *["s3:GetObject"] * access.reads,
        # Of an upload in parts: which have arrived, by whoever goes on with it.
        *["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"] * access.writes,
        *["s3:PutObjectRetention"] * (access.writes and is_locked),
        *["s3:DeleteObject"] * access.deletes,
    ]


def _encrypting(name: str, access: Access, names: Names) -> Statement:
    acts = ["kms:Decrypt", *["kms:GenerateDataKey"] * access.writes]
    through_the_store = {"StringEquals": {"kms:ViaService": f"s3.{names.region}.amazonaws.com"}}
    return _allowed(f"Encrypt{name}", acts, [names.bucket_key], Condition=through_the_store)


def _allowed(name: str, acts: Sequence[str], resources: Sequence[str], **more: Any) -> Statement:
    return {"Sid": name, "Effect": "Allow", "Action": list(acts), "Resource": list(resources), **more}
