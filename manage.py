#!/usr/bin/env python
"""Django's command line; `bin/manage` runs it in the local stack's environment."""

import logging
import os
import sys


def main() -> None:
    """Run one management command; one clear line when the database is not there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    # Importing the app makes it the one through which commands send their nudges.
    from portal.celery import app
    from portal.core.tenancy import EVERYWHERE, act_within

    app.set_default()
    # What the pool says of each of its attempts is said once, in the end.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    # Whoever may run commands sees everything that the role of the database lets them.
    act_within(EVERYWHERE)
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        # What a server has to say comes with a state; without one, there was none to say anything.
        if getattr(error.__cause__, "sqlstate", None) or "--traceback" in sys.argv:
            raise
        sys.exit(f"The database does not answer at {_address()}. bin/up starts the one of this machine.")


def _address() -> str:
    from django.db import connection

    place = connection.settings_dict
    return f"{place['HOST']}:{place['PORT'] or 5432}"


if __name__ == "__main__":
    main()
