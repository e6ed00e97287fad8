"""Events for a SIEM: every act that the code records becomes a valid event of the pinned version of OCSF."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from portal.security import ocsf
from portal.security.classes import ACTS, VERBS, is_mapped
from portal.security.ocsf import VERSION, line_of
from portal.web.trails import acts_in_words

ROOT = Path(__file__).resolve().parents[3]
ACT = re.compile(r"^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$")
RECORDERS = {"record", "record_reading"}


@dataclass(frozen=True)
class Written:
    """An entry as the trail keeps it."""

    act: str = "batch.planned"
    id: int = 7
    at: datetime = datetime(2026, 6, 15, 12, 0, 0, 250_000, tzinfo=UTC)
    actor_kind: str = "person"
    actor_id: str = "usr_01"
    subject_kind: str = "batch"
    subject_id: str = "bat_01"
    facts: dict[str, Any] = field(default_factory=dict)
    within: list[int] = field(default_factory=lambda: [3])


def event_of(entry: Written) -> dict[str, Any]:
    return ocsf.event_of(entry, position=41, digest=bytes(32))


def recorded_acts() -> Iterator[str]:
    """Every act that some code of the project gives to the trail."""
    for room in ("portal", "campaigns"):
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text())
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in RECORDERS:
                    yield from acts_in(call, tree)


def acts_in(call: ast.Call, module: ast.Module) -> set[str]:
    """The acts that a call may record; where a name stands for them, all that its module writes down."""
    given = texts(call.args[1]) if len(call.args) > 1 else set()
    return given or {text for text in texts(module) if is_mapped(text)}


def texts(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACT.match(node.value)
    }


RECORDED = sorted(set(recorded_acts()))


@cache
def validator(class_uid: int) -> Draft202012Validator:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))
    return Draft202012Validator(schema.get_class_schema(schema.lookup_class_name_from_uid(class_uid)))


def assert_valid(event: dict[str, Any]) -> None:
    # Read back from its line, as a receiver does.
    written = json.loads(json.dumps(event))
    errors = [
        f"{error.json_path}: {error.message}" for error in validator(event["class_uid"]).iter_errors(written)
    ]
    assert errors == []


def test_the_acts_of_the_project_are_found() -> None:
    assert {"batch.planned", "role.granted", "batch.activated", "key.issued"} <= set(RECORDED)


@pytest.mark.parametrize("act", RECORDED)
def test_each_act_that_the_code_records_has_a_place_in_the_tables(act: str) -> None:
    assert is_mapped(act), f"give {act} a meaning in portal/security/classes.py"


@pytest.mark.parametrize("act", RECORDED)
def test_each_act_that_the_code_records_is_said_in_words(act: str) -> None:
    assert act in dict(acts_in_words()), f"give {act} words in portal/web/act_words.py or in its domain"


@pytest.mark.parametrize("act", sorted({*RECORDED, *ACTS, *(f"thing.{verb}" for verb in VERBS)}))
@pytest.mark.parametrize("actor_kind", ["person", "client", "system"])
def test_each_act_becomes_a_valid_event(act: str, actor_kind: str) -> None:
    assert_valid(event_of(Written(act=act, actor_kind=actor_kind)))


def test_an_act_that_nobody_foresaw_still_becomes_a_valid_event() -> None:
    event = event_of(Written(act="weather.turned"))

    assert_valid(event)
    assert (event["class_uid"], event["activity_id"]) == (3004, 99)
    assert event["activity_name"] == "weather.turned"


def test_an_event_says_who_did_what_when_and_where_in_the_chain() -> None:
    event = event_of(Written(facts={"quantity": 50}))

    assert event["actor"]["user"] == {"uid": "usr_01", "type_id": 1, "type": "User"}
    assert event["entity"] == {"uid": "bat_01", "type": "batch", "type_id": 99}
    assert event["time"] == 1_781_524_800_250
    assert event["metadata"]["uid"] == "entry-7"
    assert event["metadata"]["sequence"] == 41
    assert event["metadata"]["version"] == "1.7.0"
    assert event["unmapped"]["facts"] == {"quantity": 50}
    assert event["unmapped"]["digest"] == "00" * 32


SIGN_IN = Written(
    act="person.signed_in",
    subject_kind="user",
    subject_id="usr_01",
    facts={"address": "tok_a", "device": "tok_d", "country": "MX", "method": "password"},
)


@pytest.mark.parametrize(
    ("act", "class_uid", "activity", "status"),
    [
        ("person.signed_in", 3002, 1, 1),
        ("person.sign_in_refused", 3002, 1, 2),
        ("person.locked_out", 3002, 1, 2),
        ("person.signed_out", 3002, 2, 1),
    ],
)
def test_signing_in_is_authentication(act: str, class_uid: int, activity: int, status: int) -> None:
    event = event_of(replace(SIGN_IN, act=act))

    assert_valid(event)
    assert (event["class_uid"], event["activity_id"], event["status_id"]) == (class_uid, activity, status)
    assert event["type_uid"] == class_uid * 100 + activity
    assert event["src_endpoint"] == {"uid": "tok_a", "instance_uid": "tok_d", "location": {"country": "MX"}}


def test_a_sign_in_without_a_known_place_has_no_source() -> None:
    event = event_of(replace(SIGN_IN, facts={"country": ""}))

    assert_valid(event)
    assert "src_endpoint" not in event


@pytest.mark.parametrize(("act", "activity"), [("role.granted", 1), ("role.revoked", 2)])
def test_a_role_is_user_access(act: str, activity: int) -> None:
    facts = {"role": "approver", "organization": "org_01"}

    event = event_of(Written(act=act, subject_kind="user", subject_id="usr_02", facts=facts))

    assert_valid(event)
    assert (event["class_uid"], event["activity_id"]) == (3005, activity)
    assert event["privileges"] == ["approver"]
    assert event["resources"] == [{"uid": "org_01", "type": "organization"}]


@pytest.mark.parametrize(
    ("act", "severity"),
    [
        ("case.read", 1),
        ("golden_sample.read", 1),
        ("golden_sample.revealed", 2),
        ("application.revealed", 2),
        ("submission.downloaded", 2),
    ],
)
def test_whoever_sees_people_whole_is_graver_than_whoever_sees_them_masked(act: str, severity: int) -> None:
    event = event_of(Written(act=act, subject_kind="mapping", subject_id="map_01", facts={}))

    assert_valid(event)
    assert (event["class_uid"], event["activity_id"], event["severity_id"]) == (3004, 2, severity)


@pytest.mark.parametrize(
    ("act", "activity", "status"),
    [
        ("alert.opened", 1, 1),
        ("alert.acknowledged", 2, 2),
        ("alert.noted", 2, 2),
        ("alert.reopened", 2, 1),
        ("alert.closed", 3, 4),
    ],
)
def test_an_alert_is_a_detection_finding(act: str, activity: int, status: int) -> None:
    facts = {
        "detector": "mass_reveal",
        "severity": "high",
        "actor": "usr_09",
        "actor_kind": "person",
        "entries": [5, 6],
    }

    event = event_of(Written(act=act, subject_kind="alert", subject_id="alt_01", facts=facts))

    assert_valid(event)
    assert (event["class_uid"], event["activity_id"], event["status_id"]) == (2004, activity, status)
    assert event["severity_id"] == 4
    assert event["finding_info"]["uid"] == "alt_01"
    assert event["finding_info"]["related_events"] == [{"uid": "entry-5"}, {"uid": "entry-6"}]
    assert event["evidences"][0]["actor"]["user"]["uid"] == "usr_09"


def test_a_line_is_one_line_of_json() -> None:
    line = line_of(Written(facts={"reason": "two\nlines"}), position=41, digest=bytes(32))

    assert b"\n" not in line
    assert json.loads(line) == event_of(Written(facts={"reason": "two\nlines"}))
