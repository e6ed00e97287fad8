"""What codes and rows will look like, made of codes that are never issued."""

from functools import lru_cache

from campaigns.models import Campaign
from campaigns.queries.codebooks import codebook, format_screen, word_screen
from campaigns.rules.codes import CodeBook
from campaigns.rules.formats import CodeFormat
from campaigns.rules.generate import preview
from campaigns.rules.layout import RowLayout
from campaigns.rules.rows import Layouter

# Opens nothing: a campaign that does not exist yet has no key, and its sample only shows the look.
_SHOWN = b"for show only   "


@lru_cache(maxsize=32)
def _sample_book(code_format: CodeFormat) -> CodeBook:
    return CodeBook(code_format, _SHOWN, b"")


def sample_code(code_format: CodeFormat) -> str:
    """Give one code as it would be printed, out of the serials that are never issued."""
    return code_format.printed(_sample_book(code_format).code_of(code_format.test_serials.start))


def sample_rows(
    layout: RowLayout,
    code_format: CodeFormat,
    *,
    campaign: Campaign | None = None,
    lot: str = "",
    rows: int = 4,
) -> list[str]:
    """Give the first lines of a file, header included, with codes that can never be redeemed.

    :raises campaigns.rules.layout.LayoutError: layout and format do not go together
    """
    book = codebook(campaign) if campaign is not None else _sample_book(code_format)
    screen = word_screen(campaign) if campaign is not None else format_screen(code_format, is_on=True)
    layouter = Layouter(layout, code_format, lot=lot)
    return preview(book, screen, layouter, rows).decode("utf-8").splitlines()
