"""Sets of words, written as one reads them."""


def words_of(text: str) -> frozenset[str]:
    """Give the words of a text, parted by spaces and line ends."""
    return frozenset(text.split())
