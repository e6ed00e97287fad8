"""Where `python -m portal.stack` comes in."""

import signal
import sys


def main() -> int:
    """Do what the command line says."""
    # Until there is something to stop in order, Ctrl-C just ends us, without a trace of where we were.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from portal.stack.commands import obey

    return obey()


if __name__ == "__main__":
    sys.exit(main())
