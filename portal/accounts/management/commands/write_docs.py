"""Write the pages of docs/ that are tables of what stands in the code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.accounts.role_table import roles_in_markdown
from portal.core.privilege_table import privileges_in_markdown

# File in docs/ → what it holds.
PAGES: dict[str, Callable[[], str]] = {
    "privileges.md": privileges_in_markdown,
    "roles.md": roles_in_markdown,
}


class Command(BaseCommand):
    help = "Write docs/ from the code where a page is generated."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, written in PAGES.items():
            Path(settings.BASE_DIR, "docs", name).write_text(written(), encoding="utf-8")
            self.stdout.write(f"docs/{name}")
