"""What the stack says to people: one line at a time, and one clear line when it cannot go on."""

import sys
from datetime import datetime


class StackError(Exception):
    """Stop with one line that says what is wrong and what to do."""


def say(text: str) -> None:
    """Print one line with the time of day, at once, also into a file or a pipe."""
    # The time of day of whoever looks on, so the zone is the machine's own.
    sys.stdout.write(f"{datetime.now().astimezone():%H:%M:%S}  {text}\n")
    sys.stdout.flush()
