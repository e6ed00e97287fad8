"""The code book of a campaign, made once per process; the only place that opens a campaign's key to read codes."""

from functools import lru_cache

from campaigns.models import Campaign
from campaigns.rules.codes import CodeBook, tweak_of
from campaigns.rules.formats import CodeFormat
from campaigns.rules.word_list import WORDS
from campaigns.rules.words import WordScreen
from portal.core.keys import keyring
from portal.crypto.keyring import Purpose
from portal.keys.steps import Renewed, Step, rewrapped

# One is a few kilobytes; more campaigns than this are not live at once.
REMEMBERED_BOOKS = 256


def codebook(campaign: Campaign) -> CodeBook:
    """Give the code book of a campaign.

    :raises portal.crypto.keyring.UnwrapError: the campaign's key was not wrapped by this installation
    """
    return _book(campaign.public_id, campaign.key_context, campaign.format, bytes(campaign.wrapped_key))


@lru_cache(maxsize=REMEMBERED_BOOKS)
def _book(public_id: str, key_context: str, code_format: CodeFormat, wrapped: bytes) -> CodeBook:
    key = keyring().unwrap(Purpose.CAMPAIGN_CODES, key_context, wrapped)
    return CodeBook(code_format, key, tweak_of(public_id))


def word_screen(campaign: Campaign) -> WordScreen:
    """Give the screen for offensive words of a campaign; one that hits nothing where it is switched off."""
    return format_screen(campaign.format, is_on=campaign.screens_words)


@lru_cache(maxsize=REMEMBERED_BOOKS)
def format_screen(code_format: CodeFormat, *, is_on: bool) -> WordScreen:
    """Give the screen of a format; its tables take ten milliseconds to make, so it is kept."""
    return WordScreen(code_format, WORDS if is_on else ())


def _under_newest_wrapping(campaign: Campaign) -> Renewed:
    wrapped = rewrapped(Purpose.CAMPAIGN_CODES, campaign.key_context, bytes(campaign.wrapped_key))
    return {"wrapped_key": wrapped} if wrapped else None


# A campaign's key stays what it is for as long as its codes are on cans: only its wrapping is renewed.
CAMPAIGN_KEYS = Step(
    "campaign keys",
    frozenset({Purpose.CAMPAIGN_CODES}),
    lambda _purpose: Campaign.objects.all(),
    "pk",
    "wrapped_key",
    _under_newest_wrapping,
    is_wrapping=True,
)
