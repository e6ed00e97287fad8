"""Collect what is to be translated: Django's command, which also knows phrases and leaves other folders alone."""

from django.core.management.base import CommandParser
from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Without arguments: French, in the form in which the list of texts is kept."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=Phrase", "--keyword=marked"]
    # A guessed translation is worse than a missing one, which a test finds.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        elsewhere = [".venv", ".local", "static", "staticfiles", "tests", "bench"]
        parser.set_defaults(
            locale=["fr"], no_obsolete=True, no_wrap=True, add_location="file", ignore_patterns=elsewhere
        )
