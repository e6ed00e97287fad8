"""Every job has a task of its name, somebody who sends it, and a queue that workers listen to."""

import ast
from pathlib import Path

import pytest

from campaigns.jobs import Job
from portal.celery import app
from portal.core.health import QUEUES
from portal.stack.folder import DataFolder
from portal.stack.processes import processes

ROOT = Path(__file__).resolve().parents[2]
every_job = pytest.mark.parametrize("job", Job)


def nudged() -> set[str]:
    """The jobs that some code names in a nudge."""
    calls = (
        node
        for path in (ROOT / "campaigns").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"nudge", "nudge_each"}
    )
    return {ast.unparse(call.args[0]).removeprefix("Job.") for call in calls if call.args}


@every_job
def test_each_job_has_a_task(job: Job) -> None:
    app.loader.import_default_modules()

    assert str(job) in app.tasks


@every_job
def test_somebody_sends_each_job(job: Job) -> None:
    on_the_timetable = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert job.name in nudged() or str(job) in on_the_timetable


@every_job
def test_each_jobs_queue_has_workers(job: Job, tmp_path: Path) -> None:
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
    assert ours == {str(job) for job in Job}
