"""Asking the consortium, as whoever screens does: in time, or not at all."""

import time
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog
import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError, ProtocolError

from fraud.rules.canonical import Application
from fraud.rules.consortium import (
    Acknowledgement,
    Answer,
    Answers,
    Change,
    Imported,
    Inquiry,
    Notice,
    Notices,
    Question,
    Registered,
    Report,
    Reports,
    Withdrawal,
)
from fraud.rules.disputes import AllDisputeNews, Disputed, DisputeNews, DisputesHeard, RaisedDispute
from fraud.rules.standing import MemberQuota, MemberStanding, MemberStandings
from fraud.screening.breaker import Breaker, OpenError
from portal.core.errors import UnavailableError
from portal.core.phrases import Phrase

log = structlog.get_logger(__name__)
T = TypeVar("T")

# Seconds less than which no request is begun.
_LEAST = 0.005
_CONNECTIONS = 32
# Questions in one request: between two of them the registry turns to those that somebody waits for.
_TOGETHER = 250
# Answers by which the registry refuses one message and would take the next: unknown, too late, wrong, quota spent.
_NO = frozenset({404, 409, 422, 429})


class NoAnswerError(UnavailableError):
    """Refuse for now: the registry does not answer, or not as it should."""

    title = Phrase("The consortium does not answer")


class SaidNoError(NoAnswerError):
    """Refuse what the registry, which is there, would not have; `status` is of its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{type(self).__name__} {status}")
        self.status = status


class Consortium(Protocol):
    """Whoever knows what other institutions know."""

    def ask(
        self,
        institution: str,
        questions: Sequence[Question],
        *,
        deadline: float | None = None,
        applications: Sequence[Application] = (),
    ) -> list[Answer | None]:
        """Give the answer to each question of one institution (its public id), None to those that got none in time.

        *deadline*: a moment of `time.monotonic()`. *applications*, in the order of the questions, is for services
        that know no tokens. The same application asked about again counts once. Nothing is raised.
        """


class Nobody:
    """No consortium at all: every question stays open."""

    def ask(
        self,
        institution: str,
        questions: Sequence[Question],
        *,
        deadline: float | None = None,
        applications: Sequence[Application] = (),
    ) -> list[Answer | None]:
        return [None] * len(questions)


class Registry:
    """The registry process, over connections that are kept."""

    def __init__(self, url: str, secret: str) -> None:
        parts = urlsplit(url)
        kind = urllib3.HTTPSConnectionPool if parts.scheme == "https" else urllib3.HTTPConnectionPool
        self._pool = kind(parts.hostname or "", parts.port, maxsize=_CONNECTIONS, block=False)
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._breaker = Breaker(failures=settings.REGISTRY_FAILURES, pause=settings.REGISTRY_PAUSE)

    def ask(
        self,
        institution: str,
        questions: Sequence[Question],
        *,
        deadline: float | None = None,
        applications: Sequence[Application] = (),
    ) -> list[Answer | None]:
        until = deadline if deadline is not None else time.monotonic() + settings.REGISTRY_TIMEOUT
        found: dict[str, Answer] = {}
        try:
            for first in range(0, len(questions), _TOGETHER):
                inquiry = Inquiry(
                    institution=institution, questions=tuple(questions[first : first + _TOGETHER])
                )
                answers = self._call("/inquiries", inquiry, Answers, until=until).answers
                found |= {answer.application: answer for answer in answers}
        except NoAnswerError as error:
            log.warning("consortium.no_answer", reason=error.detail, questions=len(questions) - len(found))
        return [found.get(question.application) for question in questions]

    def report(self, report: Report) -> Registered:
        """Tell of a known fraud; told again under the same id, it is the same record.

        :raises SaidNoError: no record can be made of it
        :raises NoAnswerError: nobody knows whether it arrived: tell it again
        """
        return self._call("/records", report, Registered)

    def report_many(self, reports: Sequence[Report]) -> Imported:
        """Tell of at most `MOST_QUESTIONS` known frauds at once; what is known already is passed over.

        :raises NoAnswerError: nobody knows which of them arrived: tell them again
        """
        return self._call(
            "/records/import", Reports(reports=tuple(reports)), Imported, until=time.monotonic() + 60
        )

    def change(self, change: Change) -> Registered:
        """Correct, dispute, uphold or retract a record.

        :raises SaidNoError: there is no such record for this member, or it cannot be changed so any more
        :raises NoAnswerError: the registry is away
        """
        return self._call("/changes", change, Registered)

    def withdraw(self, withdrawal: Withdrawal) -> Registered:
        """Take back a contribution of which nobody knows whether it arrived; give the record it was or never will be.

        :raises NoAnswerError: the registry is away, or refuses
        """
        return self._call("/withdrawals", withdrawal, Registered)

    def notices(self) -> tuple[Notice, ...]:
        """Fetch what has changed about earlier applications, the oldest first.

        :raises NoAnswerError: the registry is away
        """
        return self._call("/notices", None, Notices).notices

    def acknowledge(self, notices: Sequence[int]) -> None:
        """Say which notices have been worked off.

        :raises NoAnswerError: the registry is away; they come again
        """
        self._call("/notices/acknowledge", Acknowledgement(notices=tuple(notices)), dict)

    def dispute(self, raised: RaisedDispute) -> Disputed:
        """Dispute what was told of an application; raised again, it is the same dispute.

        :raises NoAnswerError: the registry is away, or refuses
        """
        return self._call("/disputes", raised, Disputed)

    def dispute_news(self) -> tuple[DisputeNews, ...]:
        """Fetch what has become of disputes, for both of their sides.

        :raises NoAnswerError: the registry is away
        """
        return self._call("/disputes/news", None, AllDisputeNews).news

    def hear_disputes(self, heard: DisputesHeard) -> None:
        """Say which news about disputes has been worked off.

        :raises NoAnswerError: the registry is away; it comes again
        """
        self._call("/disputes/heard", heard, dict)

    def members(self) -> tuple[MemberStanding, ...]:
        """Fetch what each member asked and gave.

        :raises NoAnswerError: the registry is away
        """
        return self._call("/members", None, MemberStandings).members

    def set_quota(self, wanted: MemberQuota) -> None:
        """Have a member ask about so many applications in a day.

        :raises NoAnswerError: the registry is away
        """
        self._call("/members/quota", wanted, dict)

    def tidy(self) -> None:
        """Have the registry re-check what waits, and forget what has expired.

        :raises NoAnswerError: the registry is away
        """
        self._call("/upkeep", {}, dict, until=time.monotonic() + 60)

    def _call(self, path: str, message: object, kind: type[T], *, until: float | None = None) -> T:
        """Send one message and read the answer.

        :raises SaidNoError: the registry is there, and will not
        :raises NoAnswerError: not in time, not with success, or not in our words
        """
        until = until or time.monotonic() + settings.REGISTRY_TIMEOUT
        if until - time.monotonic() < _LEAST:
            raise NoAnswerError("NoTimeLeft")
        try:
            with self._breaker.calling(HTTPError, _FailedError, msgspec.MsgspecError):
                answer = self._send(path, message, until)
                if answer.status < 300:
                    return msgspec.json.decode(answer.data, type=kind)
        except (HTTPError, _FailedError, msgspec.MsgspecError, OpenError) as error:
            # The message of an HTTP error names addresses, and nothing of anybody.
            raise NoAnswerError(f"{type(error).__name__} {getattr(error, 'status', '')}".strip()) from error
        raise SaidNoError(answer.status)

    def _send(self, path: str, message: object, until: float) -> urllib3.BaseHTTPResponse:
        """A kept connection that the other side has closed is tried once more: every message may be repeated."""
        for is_last in (False, True):
            try:
                return self._send_once(path, message, until - time.monotonic())
            except ProtocolError:
                if is_last or until - time.monotonic() < _LEAST:
                    raise
        raise AssertionError

    def _send_once(self, path: str, message: object, seconds: float) -> urllib3.BaseHTTPResponse:
        sent: dict[str, Any] = {} if message is None else {"body": msgspec.json.encode(message)}
        answer = self._pool.request(
            "GET" if message is None else "POST",
            path,
            headers=self._headers,
            timeout=urllib3.Timeout(total=seconds),
            retries=False,
            **sent,
        )
        # What one member may not have is no reason to leave the registry alone for all of them.
        if answer.status >= 300 and answer.status not in _NO:
            raise _FailedError(answer.status)
        return answer


class _FailedError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@cache
def consortium() -> Consortium:
    """Give the consortium that the settings name, one for the process and its threads; our own where they name both."""
    mapping = settings.CONSORTIUM_MAPPING
    if not settings.REGISTRY_URL and settings.CONSORTIUM_URL and mapping is not None:
        from fraud.screening.external import external_consortium

        return external_consortium(settings.CONSORTIUM_URL, settings.CONSORTIUM_KEY, mapping)
    return registry() or Nobody()


@cache
def registry() -> Registry | None:
    """Give our own registry; None where the settings name none."""
    return Registry(settings.REGISTRY_URL, settings.REGISTRY_SECRET) if settings.REGISTRY_URL else None
