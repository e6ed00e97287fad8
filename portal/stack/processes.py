"""The portal's own processes on this machine, and the settings that they all get."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from portal.crypto.key_file import share_of
from portal.privileges import Process
from portal.stack.children import Command
from portal.stack.engines import HOST
from portal.stack.folder import DataFolder

ROOT = Path(__file__).resolve().parent.parent.parent
CORES = os.cpu_count() or 1
# Of a machine that carries everything, one core is for those who wait.
HANDS_BESIDE_ONLINE = max(1, CORES - 1)
# Where nothing says another.
REGISTRY_PORT = 8010
# Who screens asks the registry; nobody else may.
_ASKING = frozenset({Process.SCREEN, Process.FRAUD, Process.REGISTRY})


def settings(place: DataFolder, engines: Mapping[str, str], port: int) -> dict[str, str]:
    """Give the environment of every process; what the caller's own environment says goes before ours.

    Engines are an exception: those of this stack are only started where the caller names no others.
    """
    given = {name: value for name, value in os.environ.items() if value}
    # In a store of ours a bucket can be made; somebody else's is theirs to name.
    own_store = {"TRAIL_BUCKET": "countersign-trail"} if "S3_ENDPOINT_URL" in engines else {}
    return (
        {
            "SECRET_KEY": place.secrets()["secret_key"],
            "KEY_FILE": str(place.keys),
            "STATIC_ROOT": str(place.static),
            "PUBLIC_URL": f"http://{HOST}:{port}",
            "LOG_JSON": "false",
            "HOME": str(place.path),
            "REGISTRY_URL": f"http://{HOST}:{place.kept_ports().get('registry', REGISTRY_PORT)}",
            "REGISTRY_SECRET": place.shared_secret("registry_secret"),
            "FRAUD_HANDS_BESIDE_ONLINE": str(HANDS_BESIDE_ONLINE),
        }
        | own_store
        | given
        | dict(engines)
        # Packages are looked for in the project, not in the folder that we are called from.
        | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
    )


def processes(environment: Mapping[str, str], place: DataFolder, port: int) -> list[Command]:
    """Give web and what answers behind it, workers and the timetable's keeper, in the order in which they start."""
    return [
        web(environment, place, port),
        screen(environment, place),
        *registry(environment, place),
        worker(environment, "campaigns", hands=CORES),
        # A hand waits for the database half of its time.
        worker(environment, "fraud", hands=CORES + 1),
        # One hand each: the trail has a single sealer, and upkeep is in no hurry.
        worker(environment, "trail", hands=1),
        worker(environment, "platform", hands=1),
        beat(environment),
    ]


def web(environment: Mapping[str, str], place: DataFolder, port: int) -> Command:
    """Threads in a few processes: each request waits for the database most of its time."""
    behind = {"SCREEN_URL": f"http://{HOST}:{place.kept_ports().get('screen', 0)}"}
    return server(Process.WEB, {**environment, **behind}, place.metrics, port, workers=min(4, CORES))


def screen(environment: Mapping[str, str], place: DataFolder) -> Command:
    """Reached through web alone, which sends applications on to it."""
    port = place.kept_ports().get("screen", 0)
    return server(Process.SCREEN, environment, place.metrics / "screen", port, workers=min(2, CORES))


def server(
    process: Process, environment: Mapping[str, str], metrics: Path, port: int, *, workers: int
) -> Command:
    arguments = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", HOST, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "8"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5"),
        "portal.wsgi:application",
    )
    figures = {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    return Command(process, arguments, own(process, environment) | figures, folder=ROOT)


def registry(environment: Mapping[str, str], place: DataFolder) -> list[Command]:
    """The consortium's registry, unless somebody else runs it."""
    address = urlsplit(environment.get("REGISTRY_URL") or f"http://{HOST}:{REGISTRY_PORT}")
    if address.hostname not in {HOST, "localhost"}:
        return []
    metrics, port = place.metrics / "registry", address.port or REGISTRY_PORT
    return [server(Process.REGISTRY, environment, metrics, port, workers=min(2, CORES))]


# Files can wait; whoever stands at a till or a counter cannot.
STANDING_BACK = ("nice", "-n", "10")


def worker(environment: Mapping[str, str], queue: str, *, hands: int) -> Command:
    """A worker may be in the midst of a file: it gets time to finish it, and loses nothing if it does not."""
    arguments = (
        *STANDING_BACK,
        *(sys.executable, "-m", "celery", "--app", "portal.celery", "--quiet", "worker"),
        *("--queues", queue, "--hostname", f"{queue}@%h", "--concurrency", str(hands)),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    )
    process = Process(f"{queue}-worker")
    return Command(process, arguments, own(process, environment), folder=ROOT, patience=15)


def beat(environment: Mapping[str, str]) -> Command:
    arguments = (
        *(sys.executable, "-m", "celery", "--app", "portal.celery", "--quiet", "beat"),
        *("--scheduler", "portal.celery:Timetable", "--pidfile", "", "--loglevel", "INFO"),
    )
    return Command("beat", arguments, own(Process.BEAT, environment), folder=ROOT)


def own(process: Process, environment: Mapping[str, str]) -> dict[str, str]:
    """Give a process its kind, its own role in the database and no other's password, its own keys and no others."""
    mine = {name: value for name, value in environment.items() if name != "DATABASE_PASSWORDS"}
    if process not in _ASKING:
        mine.pop("REGISTRY_SECRET", None)
    mine["PROCESS"] = process
    if "KEY_FILE" in environment:
        mine["KEY_FILE"] = str(share_of(Path(environment["KEY_FILE"]), process))
    passwords = json.loads(environment.get("DATABASE_PASSWORDS") or "{}")
    if process.role in passwords:
        address = urlsplit(environment["DATABASE_URL"])
        server = address.netloc.rpartition("@")[2]
        login = f"{process.role}:{quote(passwords[process.role], safe='')}"
        mine["DATABASE_URL"] = urlunsplit(address._replace(netloc=f"{login}@{server}"))
    return mine


def empty_metrics(place: DataFolder) -> None:
    """Forget the figures of processes that are gone."""
    shutil.rmtree(place.metrics, ignore_errors=True)
    for name in ("screen", "registry"):
        (place.metrics / name).mkdir(parents=True)
