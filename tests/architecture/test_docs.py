"""The pages of docs/ that are made from the code say what the code says now."""

from pathlib import Path

import pytest

from portal.accounts.management.commands.write_docs import PAGES

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_each_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run bin/manage write_docs"
