"""A small OpenID provider for tests: a web server with a key, which lies in whatever way it was told to."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "countersign"
SECRET = "the secret of the client"
# Making a key takes a moment; nobody's secret hangs on this one.
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class IdentityProvider(ThreadingHTTPServer):
    """Answers as OpenID providers do; `claims` change what it says, `raw` what it answers under a path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.claims: dict[str, Any] = {}
        self.raw: dict[str, bytes | Callable[[], bytes]] = {}
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.told: dict[str, Any] = {}
        self.asked: dict[str, str] = {}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about those who did not wait for an answer."""

    def come(self, url: str) -> str:
        """Be the person who signs in at the address to which a browser was sent; give the way back's query."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return f"code=the-code&state={self.asked['state']}"

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Check what a provider checks, and say who it is."""
        challenge = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        assert challenge.decode() == self.asked["code_challenge"]
        assert form["redirect_uri"] == self.asked["redirect_uri"]
        assert form["code"] == "the-code"
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "person-1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "email": "ana@banco.example",
            "name": "Ana Paz",
            "groups": ["Fraud desk"],
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(claims)} | self.told

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}


class _Counter(BaseHTTPRequestHandler):
    server: IdentityProvider

    def do_GET(self) -> None:
        made = self.server.keys() if self.path == "/keys" else self.server.description()
        self._answer(made)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = base64.b64decode(self.headers.get("Authorization", "Basic ").partition(" ")[2]).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if given != f"{CLIENT_ID}:{SECRET}" and form.get("client_secret") != SECRET:
            self.send_error(401)
            return
        self._answer(self.server.token(form))

    def _answer(self, made: dict[str, Any]) -> None:
        raw = self.server.raw.get(self.path)
        content = json.dumps(made).encode() if raw is None else raw() if callable(raw) else raw
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: Any) -> None:
        """Keep quiet."""


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """Run one on a free port."""
    with IdentityProvider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()
