#!/usr/bin/env python
"""Django's command line; `bin/manage` runs it in the local stack's environment."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    # Importing the app makes it the one through which commands send their nudges.
    from portal.celery import app
    from portal.core.tenancy import EVERYWHERE, act_within

    app.set_default()
    # Whoever may run commands sees everything that the role of the database lets them.
    act_within(EVERYWHERE)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
