"""The containers run what bin/up runs, with settings that exist; no container engine is needed to see it."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from portal.celery import app
from portal.core import health
from portal.crypto.key_file import create, keys_in, share_of, write_share
from portal.privileges import GRANTED, Process, purposes
from portal.stack.children import Command
from portal.stack.folder import DataFolder
from portal.stack.processes import processes

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "".join(path.read_text() for path in sorted((ROOT / "portal").glob("settings*.py")))
# Every name that the settings read, and those that they cannot do without.
KNOWN = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', SETTINGS))
REQUIRED = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"\s*\)', SETTINGS))
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text())["services"])


@pytest.fixture(scope="module")
def own(services: dict[str, Any]) -> dict[str, Any]:
    """The services that are processes of the portal."""
    return {
        name: service for name, service in services.items() if "PROCESS" in service.get("environment", {})
    }


@pytest.fixture
def local(tmp_path: Path) -> dict[str, Command]:
    """The processes of bin/up, by their kind."""
    return {command.environment["PROCESS"]: command for command in processes({}, DataFolder(tmp_path), 8000)}


def test_settings_are_read_by_names_that_the_test_sees() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "KEY_FILE"} <= REQUIRED
    assert {"S3_ENDPOINT_URL", "PUBLIC_URL", "PROCESS"} <= KNOWN


def test_containers_run_the_same_processes_as_the_local_stack(
    own: dict[str, Any], local: dict[str, Command]
) -> None:
    assert set(own) == set(local) | {"migrate"}
    assert {name: service["environment"]["PROCESS"] for name, service in own.items()} == {
        name: name for name in own
    }


def test_containers_and_local_stack_start_each_process_alike(
    own: dict[str, Any], local: dict[str, Command]
) -> None:
    telling = {"worker", "beat", "campaigns", "fraud", "wsgi"}
    for name, command in local.items():
        arguments = own[name].get("command") or DOCKERFILE.rsplit("CMD ", 1)[1]

        wanted = [part for part in command.arguments if ":" in part or part in telling]
        assert wanted
        assert [part for part in wanted if part not in arguments] == [], name


def test_containers_get_settings_that_exist(own: dict[str, Any]) -> None:
    for name, service in own.items():
        given = set(service["environment"])

        assert given <= KNOWN, f"{name}: the settings read no {given - KNOWN}"
        assert given >= REQUIRED, f"{name} lacks {REQUIRED - given}"


def test_every_process_kind_is_one_that_the_settings_name(own: dict[str, Any]) -> None:
    kinds = re.search(r"# The kind of this process: ([^.]*)\.", SETTINGS)

    assert kinds
    assert set(own) <= set(re.split(r",\s+(?:# )?", kinds[1]))


def test_every_queue_has_a_worker_and_a_place_in_readiness(services: dict[str, Any]) -> None:
    queues = {route["queue"] for route in app.conf.task_routes.values()}

    assert queues == set(health.QUEUES)
    assert all(f"{queue}-worker" in services for queue in queues)


def test_every_job_on_the_timetable_goes_to_a_queue_that_is_worked_on() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["task"].split(".")[0] in health.QUEUES


def test_containers_have_every_engine_and_wait_for_it(services: dict[str, Any], own: dict[str, Any]) -> None:
    assert {"postgres", "valkey", "s3"} <= set(services)
    assert {"postgres", "valkey", "s3"} <= set(services["migrate"]["depends_on"])
    assert all("migrate" in service["depends_on"] for name, service in own.items() if name != "migrate")


def test_each_container_connects_as_its_own_role_and_knows_no_other_password(own: dict[str, Any]) -> None:
    for name, service in own.items():
        login = re.match(r"postgres://(\w+):", service["environment"]["DATABASE_URL"])

        assert login
        assert login[1] == Process(name).role
        assert ("DATABASE_PASSWORDS" in service["environment"]) == (name == "migrate")


def test_the_owner_makes_a_role_for_each_container(own: dict[str, Any]) -> None:
    passwords = json.loads(own["migrate"]["environment"]["DATABASE_PASSWORDS"])

    assert set(passwords) == {Process(name).role for name in own if name != "migrate"}
    for name, service in own.items():
        if name != "migrate":
            assert passwords[Process(name).role] in service["environment"]["DATABASE_URL"]
    assert "apply_privileges" in own["migrate"]["command"][-1]


def test_each_local_process_connects_as_its_own_role_and_knows_no_other_password(tmp_path: Path) -> None:
    owner = {
        "DATABASE_URL": "postgres://countersign:top@127.0.0.1:5432/countersign",
        "DATABASE_PASSWORDS": json.dumps({process.role: f"pass of {process}" for process in GRANTED}),
    }

    for command in processes(owner, DataFolder(tmp_path), 8000):
        address = urlsplit(command.environment["DATABASE_URL"])

        assert address.username == Process(command.environment["PROCESS"]).role
        assert unquote(address.password or "") == f"pass of {command.name}"
        assert (address.hostname, address.port, address.path) == ("127.0.0.1", 5432, "/countersign")
        assert "DATABASE_PASSWORDS" not in command.environment


def test_local_processes_share_the_role_that_somebody_named(tmp_path: Path) -> None:
    named = {"DATABASE_URL": "postgres://mine:secret@db.example/portal"}

    for command in processes(named, DataFolder(tmp_path), 8000):
        assert command.environment["DATABASE_URL"] == named["DATABASE_URL"]


def test_whoever_screens_knows_the_secret_of_the_registry_and_nobody_else(
    own: dict[str, Any], tmp_path: Path
) -> None:
    asking = {Process.SCREEN, Process.FRAUD, Process.REGISTRY}
    commands = processes({"REGISTRY_SECRET": "told to a few"}, DataFolder(tmp_path), 8000)

    for command in commands:
        assert ("REGISTRY_SECRET" in command.environment) == (command.name in asking)
    for name, service in own.items():
        assert ("REGISTRY_SECRET" in service["environment"]) == (name in asking)


def test_a_registry_that_runs_elsewhere_is_not_started_here(tmp_path: Path) -> None:
    elsewhere = {"REGISTRY_URL": "https://registry.example"}

    assert "registry" not in {each.name for each in processes(elsewhere, DataFolder(tmp_path), 8000)}
    assert "registry" in {each.name for each in processes({}, DataFolder(tmp_path), 8000)}


def test_each_container_is_given_the_volume_of_its_own_keys_alone(
    services: dict[str, Any], own: dict[str, Any]
) -> None:
    for name, service in own.items():
        key_file = Path(service["environment"]["KEY_FILE"])

        if name != "migrate":
            assert service["volumes"] == [f"keys-{name}:{key_file.parent}:ro"]
    assert not [
        name
        for name in set(services) - set(own)
        if any("keys" in each for each in services[name].get("volumes", []))
    ]


def test_the_owner_writes_each_share_into_the_volume_of_its_process(own: dict[str, Any]) -> None:
    key_file = Path(own["migrate"]["environment"]["KEY_FILE"])

    mounted = dict(volume.split(":") for volume in own["migrate"]["volumes"])

    assert mounted.pop("keys") == str(key_file.parent)
    assert mounted == {
        f"keys-{name}": str(share_of(key_file, name).parent) for name in own if name != "migrate"
    }
    in_image = re.search(r"for process in (.*); do", DOCKERFILE)
    assert in_image
    assert {f"keys-{name}" for name in in_image[1].split()} == set(mounted)


def test_no_process_is_mounted_a_purpose_that_is_not_its_own(
    own: dict[str, Any], local: dict[str, Command], tmp_path: Path
) -> None:
    whole = tmp_path / "keys.json"
    create(whole, created_at="2026-07-14T12:00:00+00:00")
    for process in GRANTED:
        write_share(whole, purposes(process), whose=process)

    for name in set(own) - {"migrate"}:
        folder = whole.parent / own[name]["volumes"][0].split(":")[0]

        assert [path.name for path in folder.iterdir()] == [whole.name]
        assert {purpose for purpose, _ in keys_in(folder / whole.name)} == purposes(Process(name))
    for name, command in local.items():
        if "KEY_FILE" in command.environment:
            assert Path(command.environment["KEY_FILE"]).parent.name == f"keys-{name}"


def test_no_password_is_written_down(services: dict[str, Any]) -> None:
    text = (ROOT / "compose.yaml").read_text()

    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_SECRET_KEY"):
        assert not re.search(rf"{name}: (?!\$\{{)", text)


def test_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    stages = DOCKERFILE.split("\nFROM ")

    assert len(stages) == 3
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"^USER countersign$", stages[-1], re.M)
    assert stages[-1].index("USER ") < stages[-1].index("CMD ")


def test_image_holds_everything_that_runs_and_nothing_that_is_missing() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.M))
    allowed = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.M))

    assert {"portal", "campaigns", "fraud", "templates", "static", "locale", "manage.py"} <= copied
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


def test_images_name_no_registry(services: dict[str, Any]) -> None:
    images = [service["image"] for service in services.values()] + re.findall(
        r"^FROM (\S+)", DOCKERFILE, re.M
    )

    assert not [image for image in images if "." in image.split("/")[0].split(":")[0]]
