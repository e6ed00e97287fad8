"""Asking somebody else's consortium service: our applications in its words, its answers in ours."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog
import urllib3
from django.conf import settings
from msgspec import Struct
from urllib3.exceptions import HTTPError

from fraud.rules.canonical import Application
from fraud.rules.consortium import Answer, Hit, Question
from fraud.rules.matching import MOST_HITS
from fraud.rules.translation.document import MappingDocument
from fraud.rules.translation.outbound import compile_outbound
from fraud.screening.breaker import Breaker, OpenError

log = structlog.get_logger(__name__)


class Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a hit in the service's answer: its name there, its codes in our words, and what counts without."""

    source: str = ""
    codes: dict[str, str] = {}
    default: str = ""

    def read(self, found: Mapping[str, Any]) -> str:
        """Give our word for it."""
        said = str(found.get(self.source) or "").strip() if self.source else ""
        return self.codes.get(said, said) or self.default


class Inbound(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service's answer has its list of hits (names parted by dots), and what each says."""

    hits: str
    tier: Told
    fraud_type: Told
    month: Told
    role: Told = Told(default="perpetrator")
    members: Told = Told(default="1-2")
    # What the service matched by, where it does not say.
    kinds: tuple[str, ...] = ("external",)


class ServiceDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a service is asked and understood: the settings name the file of it."""

    outbound: MappingDocument
    inbound: Inbound


class ExternalConsortium:
    """A service that takes one application at a time, as JSON over HTTPS."""

    def __init__(self, url: str, key: str, document: ServiceDocument) -> None:
        """:raises fraud.rules.translation.compiling.MappingError: the outbound mapping has problems"""
        parts = urlsplit(url)
        kind = urllib3.HTTPSConnectionPool if parts.scheme == "https" else urllib3.HTTPConnectionPool
        self._pool = kind(parts.hostname or "", parts.port, maxsize=8, block=False)
        self._path = parts.path or "/"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._outbound = compile_outbound(document.outbound)
        self._inbound = document.inbound
        self._breaker = Breaker(failures=settings.REGISTRY_FAILURES, pause=settings.REGISTRY_PAUSE)

    def ask(
        self,
        institution: str,
        questions: Sequence[Question],
        *,
        deadline: float | None = None,
        applications: Sequence[Application] = (),
    ) -> list[Answer | None]:
        """Ask about each application in its turn, for as long as there is time; nothing is raised."""
        until = deadline if deadline is not None else time.monotonic() + settings.REGISTRY_TIMEOUT
        answers = [
            self._answer(question, application, until)
            for question, application in zip(questions, applications, strict=False)
        ]
        return answers + [None] * (len(questions) - len(answers))

    def _answer(self, question: Question, application: Application, until: float) -> Answer | None:
        written = self._outbound.write(application)
        left = until - time.monotonic()
        if written.record is None or left <= 0:
            return None
        try:
            with self._breaker.calling(HTTPError, ValueError):
                hits = self._hits(self._send(written.record, left))
        except (HTTPError, ValueError, OpenError) as error:
            log.warning("consortium.no_answer", reason=type(error).__name__, questions=1)
            return None
        return Answer(application=question.application, hits=hits)

    def _send(self, record: Mapping[str, Any], seconds: float) -> Any:
        answer = self._pool.request(
            "POST",
            self._path,
            body=msgspec.json.encode(record),
            headers=self._headers,
            timeout=urllib3.Timeout(total=seconds),
            retries=False,
        )
        if answer.status >= 300:
            raise ValueError("refused")
        return msgspec.json.decode(answer.data)

    def _hits(self, document: Any) -> tuple[Hit, ...]:
        """Read the hits of an answer.

        :raises ValueError: it does not say what the document of the service expects (msgspec.ValidationError is one)
        """
        found = document
        for name in self._inbound.hits.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if not isinstance(found, list):
            raise msgspec.ValidationError("no list of hits")
        return tuple(self._hit(each) for each in found[:MOST_HITS])

    def _hit(self, found: Any) -> Hit:
        if not isinstance(found, Mapping):
            raise msgspec.ValidationError("a hit is no object")
        names = ("tier", "fraud_type", "role", "month", "members")
        words: dict[str, Any] = {name: getattr(self._inbound, name).read(found) for name in names}
        return msgspec.convert(
            words | {"month": words["month"][:7], "kinds": self._inbound.kinds}, Hit, strict=True
        )


def external_consortium(url: str, key: str, mapping: Path) -> ExternalConsortium:
    """Give the service that the settings name.

    :raises msgspec.MsgspecError: its document is none
    """
    return ExternalConsortium(url, key, msgspec.json.decode(mapping.read_bytes(), type=ServiceDocument))
