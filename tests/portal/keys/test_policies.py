"""IAM policies: each key and bucket by name, what the page of privileges allows, and nothing by wildcard."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.core.iam import Names, may_wrap, policy
from portal.crypto.keyring import Purpose
from portal.privileges import BUCKETS, KEYS, Process, purposes

ACCOUNT = "arn:aws:kms:us-east-1:123456789012:key"
STORE_KEY = f"{ACCOUNT}/store"
NAMES = Names(
    keys={purpose: [f"{ACCOUNT}/{purpose}"] for purpose in Purpose},
    buckets={"printers": ["press-one", "press-two/ours"], "submissions": ["files"], "trail": ["anchors"]},
    bucket_key=STORE_KEY,
    region="us-east-1",
    locked=frozenset({"trail"}),
)
KNOWN = {
    *("kms:Decrypt", "kms:Encrypt", "kms:DescribeKey", "kms:GenerateDataKey"),
    *("s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetObject", "s3:PutObject"),
    *("s3:ListMultipartUploadParts", "s3:AbortMultipartUpload", "s3:PutObjectRetention", "s3:DeleteObject"),
}


def statements(process: Process, act: str) -> Iterator[dict[str, Any]]:
    return (each for each in policy(process, NAMES)["Statement"] if act in each["Action"])


def reached(process: Process, act: str) -> set[str]:
    return {name for each in statements(process, act) for name in each["Resource"]}


@pytest.mark.parametrize("process", Process)
def test_a_policy_opens_the_keys_of_its_own_purposes_alone(process):
    keys = reached(process, "kms:Decrypt") - {STORE_KEY}

    assert keys == {f"{ACCOUNT}/{purpose}" for purpose in purposes(process)}


@pytest.mark.parametrize("process", Process)
def test_a_policy_binds_each_key_to_its_purpose(process):
    for each in statements(process, "kms:Decrypt"):
        if each["Resource"] != [STORE_KEY]:
            (key,) = each["Resource"]
            assert each["Condition"] == {
                "StringEquals": {"kms:EncryptionContext:purpose": key.removeprefix(f"{ACCOUNT}/")}
            }


@pytest.mark.parametrize("process", Process)
def test_a_policy_names_everything_and_allows_nothing_by_wildcard(process):
    for each in policy(process, NAMES)["Statement"]:
        assert each["Effect"] == "Allow"
        assert set(each["Action"]) <= KNOWN
        assert len(each["Action"]) == len(set(each["Action"]))
        assert re.fullmatch(r"[A-Za-z0-9]+", each["Sid"])
        for name in each["Resource"]:
            # The objects below one bucket or prefix that is named.
            assert "*" not in name.removesuffix("/*")
            assert name.startswith((f"{ACCOUNT}/", "arn:aws:s3:::"))


def test_names_of_statements_are_their_own():
    for process in Process:
        names = [each["Sid"] for each in policy(process, NAMES)["Statement"]]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("process", "purpose", "wraps"),
    [
        (Process.WEB, Purpose.CAMPAIGN_CODES, True),
        (Process.REDEEM, Purpose.CAMPAIGN_CODES, False),
        (Process.CAMPAIGNS, Purpose.CAMPAIGN_CODES, False),
        (Process.CAMPAIGNS, Purpose.MANIFESTS, True),
        (Process.REDEEM, Purpose.MEMBERS, True),
        (Process.TRAIL, Purpose.TRAIL, True),
        (Process.MIGRATE, Purpose.CAMPAIGN_CODES, True),
    ],
)
def test_who_only_reads_keys_wraps_none(process, purpose, wraps):
    key = f"{ACCOUNT}/{purpose}"

    assert (key in reached(process, "kms:Encrypt")) is wraps is may_wrap(process, purpose)
    assert key in reached(process, "kms:Decrypt")


def test_anchors_are_put_by_one_and_deleted_by_nobody():
    writers = {process for process in Process if "arn:aws:s3:::anchors/*" in reached(process, "s3:PutObject")}
    deleters = {
        process for process in Process if "arn:aws:s3:::anchors/*" in reached(process, "s3:DeleteObject")
    }

    assert (writers, deleters) == ({Process.TRAIL}, set())
    assert "arn:aws:s3:::anchors/*" in reached(Process.TRAIL, "s3:PutObjectRetention")


def test_a_prefix_narrows_the_objects_and_not_the_list():
    assert "arn:aws:s3:::press-two/ours/*" in reached(Process.CAMPAIGNS, "s3:PutObject")
    assert "arn:aws:s3:::press-two/*" not in reached(Process.CAMPAIGNS, "s3:PutObject")
    assert reached(Process.CAMPAIGNS, "s3:ListBucket") == {"arn:aws:s3:::press-one", "arn:aws:s3:::press-two"}


def test_who_has_no_keys_and_buckets_has_an_empty_policy():
    assert policy(Process.BEAT, NAMES)["Statement"] == []
    assert not [
        process
        for process in Process
        if process in {*sum(map(tuple, BUCKETS.values()), ())} and not reached(process, "s3:ListBucket")
    ]


# ── The command ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_prints_json_for_every_process(capsys):
    keys = [f"--key={purpose}={ACCOUNT}/{purpose}" for purpose in KEYS]

    buckets = ["--bucket=printers=press-one", "--bucket=submissions=files", "--bucket=trail=anchors"]
    call_command("print_policies", *keys, *buckets)

    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {str(process) for process in Process}
    assert printed["web"]["Version"] == "2012-10-17"


def test_the_command_takes_an_older_key_beside_the_newest(capsys):
    both = [f"{ACCOUNT}/new", f"{ACCOUNT}/old"]

    call_command(
        "print_policies",
        "--process=trail-worker",
        "--bucket=trail=anchors",
        *[f"--key=trail={key}" for key in both],
    )

    (opening, naming, *_) = json.loads(capsys.readouterr().out)["trail-worker"]["Statement"]
    assert opening["Resource"] == naming["Resource"] == both


@pytest.mark.parametrize(
    "given",
    [
        "--key=members=*",
        f"--key=members={ACCOUNT}/*",
        f"--key=nothing={ACCOUNT}/one",
        "--bucket=printers=*",
        "--bucket=printers=press/*",
        "--bucket=else=press",
        "--key=members",
    ],
)
def test_the_command_refuses_what_is_not_one_thing(given):
    with pytest.raises(CommandError, match="is none of"):
        call_command("print_policies", given)


def test_the_command_guesses_no_names():
    with pytest.raises(CommandError, match="Name the key of"):
        call_command("print_policies", "--bucket=printers=press-one", "--bucket=trail=anchors")


def test_the_command_asks_for_buckets_that_nobody_named(settings):
    settings.TRAIL_BUCKET = ""

    with pytest.raises(CommandError, match="--bucket trail=BUCKET"):
        call_command("print_policies", "--process=trail-worker", f"--key=trail={ACCOUNT}/one")
