"""Run one benchmark on engines of its own: a table for people, and JSON with the machine's description."""

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from portal.stack.temporary import TemporaryEngines
from portal.stack.voice import StackError

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Import `bench.NAME`, start the engines, run it, show what it found.

    A benchmark is a module with `run(options) -> {"figures": …, "ratios": …}` and, if it takes options of its
    own, `arguments(parser)`. It finds the engines in its environment.
    """
    names = sorted(path.stem for path in HERE.glob("*.py") if is_bench(path))
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        given = sys.argv[1] if len(sys.argv) > 1 else ""
        problem = f"There is no benchmark called {given}. " if given and not given.startswith("-") else ""
        sys.exit(
            f"{problem}Usage: bin/bench NAME [--quick] [--json FILE], NAME being one of: {', '.join(names)}"
        )
    name = sys.argv[1]
    parser = argparse.ArgumentParser(prog=f"bin/bench {name}")
    parser.add_argument("--quick", action="store_true", help="the same figures from less work")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result here too")
    with_engines(name, parser)
    return 0


def is_bench(path: Path) -> bool:
    return not path.stem.startswith("_") and "\ndef run(" in path.read_text()


def with_engines(name: str, parser: argparse.ArgumentParser) -> None:
    """Start fresh engines that write as they do in production, and run the benchmark on them."""
    with TemporaryEngines(durable=True) as engines:
        # Some of the modules need the settings as soon as they are imported.
        os.environ.update(engines.environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        bench = importlib.import_module(f"bench.{name}")
        if hasattr(bench, "arguments"):
            bench.arguments(parser)
        options = parser.parse_args(sys.argv[2:])
        result = {"bench": name, "machine": machine()} | bench.run(options)
    if options.quick:
        result["quick"] = True
    show(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


def machine() -> dict[str, Any]:
    """Describe what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory / 2**30, 1),
        "cpu": processor(),
        "python": platform.python_version(),
    }


def processor() -> str:
    """Name the processor as the system does."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def show(result: dict[str, Any]) -> None:
    """Print the figures and ratios as a table."""
    seen = result["machine"]
    print(f"{result['bench']} on {seen['cores']} × {seen['cpu']}, {seen['memory_gb']} GB")
    for group in ("figures", "ratios"):
        for name, value in result.get(group, {}).items():
            text = f"{value:,.0f}" if isinstance(value, int | float) and abs(value) >= 100 else f"{value}"
            if isinstance(value, float) and abs(value) < 100:
                text = f"{value:,.4g}"
            print(f"  {name:<32}{text:>16}{' ×' if group == 'ratios' else ''}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StackError as error:
        sys.exit(str(error))
