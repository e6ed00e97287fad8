"""Every job has a task of its name, somebody who sends it, and a queue that workers listen to."""

import ast
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from portal.celery import app
from portal.core.health import QUEUES
from portal.stack.folder import DataFolder
from portal.stack.processes import processes

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("portal", "campaigns", "fraud")


def jobs() -> list[StrEnum]:
    """Every job that some floor or domain names in its `jobs.py`."""
    files = (path.relative_to(ROOT) for room in ROOMS for path in sorted((ROOT / room).rglob("jobs.py")))
    modules = (import_module(".".join(file.with_suffix("").parts)) for file in files)
    return [job for module in modules if hasattr(module, "Job") for job in module.Job]


every_job = pytest.mark.parametrize("job", jobs())


@cache
def nudged() -> set[str]:
    """The jobs that some code names in a nudge."""
    calls = (
        node
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"nudge", "nudge_each"}
    )
    return {ast.unparse(call.args[0]).removeprefix("Job.") for call in calls if call.args}


@every_job
def test_each_job_has_a_task(job: StrEnum) -> None:
    app.loader.import_default_modules()

    assert str(job) in app.tasks


@every_job
def test_somebody_sends_each_job(job: StrEnum) -> None:
    on_the_timetable = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert job.name in nudged() or str(job) in on_the_timetable


@every_job
def test_each_jobs_queue_has_workers(job: StrEnum, tmp_path: Path) -> None:
    commands = processes({}, DataFolder(tmp_path), 8000)
    listening = {
        argument
        for command in commands
        for flag, argument in zip(command.arguments, command.arguments[1:], strict=False)
        if flag == "--queues"
    }

    queue = job.split(".", 1)[0]
    assert queue in QUEUES
    assert queue in listening


def test_no_task_is_without_a_job() -> None:
    app.loader.import_default_modules()

    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {str(job) for job in jobs()}
