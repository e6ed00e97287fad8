"""Letters: what a mail says, once, and from it the text and the page that are sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a mail, in its reader's language: paragraphs, one thing to open, and what else is to be said."""

    subject: str
    paragraphs: Sequence[str]
    button: str = ""
    url: str = ""
    closing: Sequence[str] = ()

    @property
    def text(self) -> str:
        """Return the letter as plain text."""
        link = [f"{self.button}:\n{self.url}"] if self.url else []
        return "\n\n".join([*self.paragraphs, *link, *self.closing, "Countersign"]) + "\n"

    @property
    def html(self) -> str:
        """Return the letter as a page."""
        return render_to_string("mail/letter.html", {"letter": self})
