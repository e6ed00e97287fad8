"""The portal as outsiders have it: over HTTP and S3, by the processes' ids, and by nothing else."""

import http.client
import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
import pyrage
from botocore.config import Config

from portal.accounts import factors
from portal.core import clock
from tests.portal.stack.test_up import Running

# A member may try thirty codes in ten minutes.
CODES_PER_MEMBER = 20


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is None where it is no JSON."""

    status: int
    content_type: str
    body: Any
    seconds: float
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Outside:
    """A running stack with its demonstration, and the keys of its clients."""

    def __init__(self, stack: Running) -> None:
        self.stack = stack
        self.demo: dict[str, Any] = json.loads((stack.data / "demo.json").read_text())
        self.brand = self.demo["clients"]["brand"]["key"]
        self.press = self.demo["clients"]["printer"]["key"]
        self._codes = iter(self.codes_of(self.demo["active_batch"], files=1))

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", once: str = "", **headers: str
    ) -> Answer:
        """Send one request to the API; *once* is its Idempotency-Key, a new one if not given."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        given = {
            "Authorization": f"Bearer {key or self.brand}",
            "Content-Type": "application/json",
            "Idempotency-Key": once or uuid.uuid4().hex,
        }
        started = time.monotonic()
        link = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=30)
        try:
            link.request(method, path, content, given | headers)
            answer = link.getresponse()
            told = answer.read()
        finally:
            link.close()
        return Answer(
            answer.status,
            answer.getheader("Content-Type", ""),
            _json(told),
            time.monotonic() - started,
            {name.lower(): value for name, value in answer.getheaders()},
        )

    def fresh_codes(self, number: int = 1) -> list[str]:
        """Give live codes that nobody has used."""
        return list(islice(filter(self._is_redeemable, self._codes), number))

    def redeem(self, code: str, member: str = "", *, key: str = "", once: str = "") -> Answer:
        body = {"code": code, "member": member or f"out:{uuid.uuid4().hex}", "campaign": "summer"}
        return self.call("POST", "/api/v1/redemptions", body, key=key, once=once)

    def plan(self, quantity: int) -> str:
        """Order a batch as the brand's website; give its id."""
        order = {
            "campaign": self.demo["campaign"]["id"],
            "printer": self.demo["printer"]["id"],
            "quantity": quantity,
        }
        planned = self.call("POST", "/api/v1/batches", order)
        assert planned.status == 201, planned
        return str(planned.body["id"])

    def batch(self, batch: str) -> dict[str, Any]:
        """Read a batch; empty while the portal does not answer."""
        try:
            shown = self.call("GET", f"/api/v1/batches/{batch}")
        except (OSError, http.client.HTTPException):
            return {}
        return dict(shown.body) if shown.status == 200 else {}

    def codes_done(self, batch: str) -> int:
        return int(self.batch(batch).get("progress", {}).get("codes_done", 0))

    def is_delivered(self, batch: str) -> bool:
        return self.batch(batch).get("state") == "delivered"

    def manifest(self, batch: str) -> dict[str, Any]:
        return dict(json.loads(self._object(batch, "manifest.json")))

    def codes_of(self, batch: str, files: int | None = None) -> list[str]:
        """Open the files of a delivery as its printer does: all, or the first few."""
        identity = pyrage.x25519.Identity.from_str(self._identity())
        found: list[str] = []
        for file in self.manifest(batch)["files"][:files]:
            rows = pyrage.decrypt(self._object(batch, file["name"]), [identity]).decode().splitlines()
            found += [row.split(",", 1)[0] for row in rows[1:]]
        return found

    def person(self, role: str) -> "Person":
        """Sign somebody in."""
        return Person(self.demo["url"], **self.demo["users"][role])

    def _is_redeemable(self, code: str) -> bool:
        return bool(self.call("POST", "/api/v1/codes/check", {"code": code}).body["status"] == "redeemable")

    def _identity(self) -> str:
        return Path(self.demo["printer"]["identity_file"]).read_text().strip().splitlines()[-1]

    def _object(self, batch: str, name: str) -> bytes:
        place, printer = self.demo["s3"], self.demo["printer"]
        store = boto3.client(
            "s3",
            endpoint_url=place["endpoint"],
            region_name=place["region"],
            aws_access_key_id=place["access_key"],
            aws_secret_access_key=place["secret_key"],
            config=Config(s3={"addressing_style": "path"}, response_checksum_validation="when_required"),
        )
        key = f"{printer['prefix']}/{batch}/{name}"
        return bytes(store.get_object(Bucket=printer["bucket"], Key=key)["Body"].read())


class Person:
    """Somebody at a browser that follows no redirects."""

    def __init__(self, url: str, email: str, password: str, totp_secret: str = "") -> None:
        self._url = url
        self._jar = http.cookiejar.CookieJar()
        self._browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._jar), _StayHere()
        )
        # Right after an engine was killed by another test a page may still say 503: people try again too.
        for _try in range(10):
            self.get("/sign-in/")
            status, _page = self.post("/sign-in/", login=email, password=password)
            if status != 503:
                break
        assert status == 302, status
        if totp_secret:
            self._show_code(totp_secret)

    def _show_code(self, secret: str) -> None:
        """Type the app's code; if somebody has just used it, the next one."""
        for _try in range(4):
            for ahead in (0, 1):
                step = factors.step_at(clock.now()) + ahead
                status, _page = self.post("/sign-in/second-factor/", code=factors.code_at(secret, step))
                if status == 302:
                    return
            time.sleep(factors.STEP / 2)
        raise AssertionError(status)

    def get(self, path: str) -> tuple[int, str]:
        return self._send(urllib.request.Request(self._url + path))

    def post(self, path: str, **fields: str | list[str]) -> tuple[int, str]:
        token = next((cookie.value for cookie in self._jar if cookie.name == "csrftoken"), "") or ""
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}, doseq=True).encode()
        headers = {"Referer": self._url + path}
        return self._send(urllib.request.Request(self._url + path, form, headers))

    def link(self, page: str, pattern: str) -> str:
        """Find the first address on a page that fits."""
        found = re.search(rf'href="({pattern})"', self.get(page)[1])
        assert found, f"{page} has no link like {pattern}"
        return found[1]

    def _send(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._browser.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Try:
    """One redemption: what was asked, and the id that came back or None."""

    code: str
    member: str
    once: str
    redemption: str | None = None
    balance: int = 0


class Shopper:
    """Somebody who redeems code after code while the house burns, and asks again for every lost answer."""

    def __init__(self, outside: Outside, codes: list[str]) -> None:
        self._outside = outside
        self._codes = codes
        self.tries: list[Try] = []
        self.is_done = False

    def run(self) -> None:
        for number, code in enumerate(self._codes):
            if self.is_done:
                return
            member = f"shop:{number // CODES_PER_MEMBER}"
            self.tries.append(Try(code, member, uuid.uuid4().hex))
            self._ask(self.tries[-1])
            # Nobody redeems faster, and the delivery needs the machine too.
            time.sleep(0.02)

    def lost(self) -> list[Try]:
        return [each for each in self.tries if each.redemption is None]

    def ask_again(self) -> bool:
        """Repeat each request that got no answer with the same key; say whether all have one now."""
        for each in self.lost():
            self._ask(each)
        return not self.lost()

    def balances_fit(self) -> bool:
        """Compare what each member was told at last with the number of the member's redemptions."""
        count = Counter(each.member for each in self.tries)
        told = {each.member: 0 for each in self.tries}
        for each in self.tries:
            told[each.member] = max(told[each.member], each.balance)
        return all(told[member] == 10 * number for member, number in count.items())

    def _ask(self, each: Try) -> None:
        try:
            answer = self._outside.redeem(each.code, each.member, once=each.once)
        except (OSError, http.client.HTTPException):
            return
        if answer.status == 201:
            each.redemption, each.balance = answer.body["id"], answer.body["balance"]
        else:
            assert (answer.status, answer.code) in {(503, "overloaded"), (409, "idempotency-in-progress")}, (
                answer
            )


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
