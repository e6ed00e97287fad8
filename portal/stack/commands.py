"""The command line of the local stack: up, down, and run something in its environment."""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from portal.stack.detached import down, up_detached
from portal.stack.folder import DataFolder
from portal.stack.local import NAMES, local_engines
from portal.stack.processes import ROOT, settings
from portal.stack.up import Wish, up
from portal.stack.voice import StackError


def obey() -> int:
    """Do what the arguments say; one line and a code when it cannot be done."""
    options = _parser().parse_args()
    try:
        _act(options)
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}: {error.filename or 'while setting up'}\n")
        return 1
    return 0


def _act(options: argparse.Namespace) -> None:
    if options.act == "down":
        down(DataFolder(options.data))
    elif options.act == "run":
        _run(DataFolder(options.data), options.command)
    else:
        wish = Wish(port=options.port, data=options.data, demo=not options.no_demo, fresh=options.fresh)
        (up_detached if options.detach else up)(wish)


def _run(place: DataFolder, command: list[str]) -> None:
    """Become the command, in the environment that the stack's own processes have."""
    place.make()
    if not place.kept_ports():
        place.ports(NAMES)
    engines: dict[str, str] = {}
    for engine in local_engines(place, running=True):
        if not os.environ.get(engine.variable):
            engines |= engine.environment()
    if not place.is_taken():
        sys.stderr.write(
            f"No stack runs in {place.path}; what needs its engines will fail (bin/up starts them).\n"
        )
    run = place.run()
    environment = settings(place, engines, int(run.get("port", 8000)))
    # Commands are for whoever owns the tables and the key file.
    environment = {"PROCESS": "migrate"} | environment
    os.execve(command[0], command, environment)  # noqa: S606


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[0].upper()}{message[1:]}. {self.prog} --help tells what there is.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="bin/up", description="Run Countersign on this machine.")
    acts = parser.add_subparsers(dest="act", required=True)
    up_parser = acts.add_parser("up", prog="bin/up", description="Set up and run everything, until Ctrl-C.")
    up_parser.add_argument("--port", type=_port, default=8000, help="where the portal answers (8000)")
    up_parser.add_argument("--no-demo", action="store_true", help="start without the demonstration's data")
    up_parser.add_argument("--fresh", action="store_true", help="throw away all data and start over")
    up_parser.add_argument("--detach", action="store_true", help="return when everything is ready")
    down_parser = acts.add_parser("down", prog="bin/down", description="Stop a stack, leaving its data.")
    run_parser = acts.add_parser("run", description="Run a command in the stack's environment.")
    run_parser.add_argument("command", nargs=argparse.REMAINDER)
    for each in (up_parser, down_parser, run_parser):
        given = os.environ.get("COUNTERSIGN_DATA") or str(ROOT / ".local")
        each.add_argument("--data", type=Path, default=Path(given), help="the folder for all data (.local)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: choose a number from 1024 to 65535")
    return int(text)
