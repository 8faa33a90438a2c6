"""JSON Web Tokens: whom they let in, and everything that does not."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import tempfile
import time

import case
from issuer import AUDIENCE, ISSUER, Key, KeyServer, b64
from token_case import TokenCase

FAR = 4_000_000_000  # seconds since 1970


class JwtCase(TokenCase):
    clock = None
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="carillon-jwt-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.rsa, cls.other = Key(cls.folder, "rsa"), Key(cls.folder, "other")
        cls.ec = Key(cls.folder, "ec", "EC")
        cls.server_settings = {"environment": {
            "CARILLON_JWT_ISSUER": ISSUER, "CARILLON_JWT_AUDIENCE": AUDIENCE,
            **cls.settings_of()}}
        super().setUpClass()

    @classmethod
    def keys_file(cls, *keys):
        path = os.path.join(cls.folder, "keys.json")
        with open(path, "w", encoding="ascii") as out:
            json.dump({"keys": list(keys)}, out)
        return path

    def assert_in(self, token, path="/v1/tasks", status=200):
        answer = self.peer(token).get(path)
        self.assertEqual(answer.status, status, answer)

    def assert_out(self, token, what=""):
        self.assert_closed(self.peer(token).get("/v1/tasks"), what)


class Known(JwtCase):
    """Keys of a file."""

    @classmethod
    def settings_of(cls):
        short = Key(cls.folder, "short", bits=1024)
        wide = Key(cls.folder, "wide", "EC", curve="P-384")
        cls.short, cls.wide = short, wide
        only = cls.only = Key(cls.folder, "only")
        cls.secret = {"kty": "oct", "kid": "secret", "k": b64(b"s" * 32)}
        return {"CARILLON_JWT_KEYS_FILE": cls.keys_file(
            cls.rsa.jwk(), cls.ec.jwk(use="sig"), cls.secret, short.jwk(), wide.jwk(),
            only.jwk(alg="PS256"), cls.other.jwk(use="enc"))}

    # -- good ----------------------------------------------------------------------------------

    def test_each_algorithm(self):
        self.assert_in(self.rsa.token())
        self.assert_in(self.rsa.token(algorithm="PS256"))
        self.assert_in(self.ec.token())

    def test_scopes_are_those_of_the_claim(self):
        for scope in ("tasks:read  runs:read nonsense", ["tasks:read", "runs:read"]):
            peer = self.peer(self.rsa.token(scope=scope))
            self.assertEqual(peer.get("/v1/tasks").status, 200)
            self.assertEqual(peer.get("/runs").status, 200)
            self.assert_scope_missing(peer.post("/v1/tasks", {"task_type": "x"}), "tasks:create")
            self.assert_scope_missing(peer.get("/v1/tokens"), "admin")
        worker = self.peer(self.rsa.token(scope="worker:mail"))
        self.assertEqual(worker.post("/v1/queues/mail/lease", {"worker": "w"}).status, 200)
        self.assert_scope_missing(worker.post("/v1/queues/sms/lease", {"worker": "w"}),
                                  "worker:sms")
        self.assert_scope_missing(self.peer(self.rsa.token(scope=None)).get("/v1/tasks"),
                                  "tasks:read")

    def test_audiences_may_be_several(self):
        self.assert_in(self.rsa.token(aud=["another", AUDIENCE]))

    def test_the_subject_is_who_made_it(self):
        body = {"name": "x", "scopes": ["tasks:read"]}
        made = self.peer(self.rsa.token(scope="admin")).post("/v1/tokens", body)
        self.assertEqual(made.json["created_by"], "jwt:ann")

    def test_clocks_may_differ_a_little(self):
        self.assert_in(self.rsa.token(exp=time.time() - 20))
        self.assert_in(self.rsa.token(nbf=time.time() + 20, iat=time.time() + 20))

    def test_keys_that_the_token_brings_are_not_looked_at(self):
        for more in ({"jwk": self.other.jwk()}, {"jku": "http://127.0.0.1:1/"},
                     {"x5u": "http://127.0.0.1:1/"}, {"x5c": ["AAAA"]}):
            self.assert_in(self.rsa.token({**more}))
            self.assert_out(self.other.token({**more, "kid": "rsa"}), more)

    # -- hostile -------------------------------------------------------------------------------

    def test_no_signature(self):
        good = self.rsa.token().split(".")
        for head in ({"alg": "none"}, {"alg": "None", "kid": "rsa"}, {"alg": "", "kid": "rsa"},
                     {"kid": "rsa"}, {"alg": ["RS256"], "kid": "rsa"}, {"alg": None}):
            for signature in ("", good[2], "AA"):
                self.assert_out(f"{b64(head)}.{good[1]}.{signature}", head)
        self.assert_out(f"{good[0]}.{good[1]}.")
        self.assert_out(f"{good[0]}.{good[1]}")

    def test_secrets_that_are_public(self):
        claims = self.rsa.token().split(".")[1]
        for name, secret in (("rsa", self.rsa.public_pem), ("rsa", self.rsa.public_pem.strip()),
                             ("rsa", self.rsa.jwk()["n"].encode()), ("secret", b"s" * 32),
                             ("rsa", b"")):
            data = f"{b64({'alg': 'HS256', 'kid': name})}.{claims}"
            signature = hmac.new(secret, data.encode(), hashlib.sha256).digest()
            self.assert_out(f"{data}.{b64(signature)}", name)

    def test_algorithms_that_are_not_the_keys(self):
        for token in (self.rsa.token({"alg": "PS256"}), self.rsa.token({"alg": "RS512"}),
                      self.rsa.token({"alg": "ES256"}), self.ec.token({"alg": "RS256"}),
                      self.rsa.token({"alg": "PS256"}, algorithm="RS256"),
                      self.rsa.token({"kid": "ec"}), self.ec.token({"kid": "rsa"}),
                      self.only.token(), self.short.token(), self.wide.token(),
                      self.other.token(), self.rsa.token({"alg": "rs256"})):
            self.assert_out(token)
        self.assert_in(self.only.token(algorithm="PS256"))

    def test_keys_that_are_not_known(self):
        for name in ("nobody", "", "RSA", "rsa ", "../rsa", 7, ["rsa"], "x" * 5000):
            self.assert_out(self.rsa.token({"kid": name}), name)
        self.assert_out(self.rsa.token({"kid": None}, algorithm="PS256"), "two keys would fit")
        self.assert_in(self.ec.token({"kid": None}))

    def test_times(self):
        now = time.time()
        for claims in ({"exp": now - 40}, {"exp": None}, {"exp": str(now + 60)}, {"exp": True},
                       {"exp": 1e300}, {"exp": -1}, {"nbf": now + 40}, {"nbf": "soon"},
                       {"iat": now + 40}, {"iat": [now]}, {"exp": now - 40, "nbf": now + 40}):
            self.assert_out(self.rsa.token(claims=claims), claims)

    def test_whom_it_is_from_and_for(self):
        for claims in ({"iss": ISSUER[:-1]}, {"iss": None}, {"iss": [ISSUER]}, {"iss": ""},
                       {"aud": "other"}, {"aud": None}, {"aud": []}, {"aud": [AUDIENCE.upper()]},
                       {"aud": {AUDIENCE: 1}}, {"sub": None}, {"sub": ""}, {"sub": 7},
                       {"sub": "x" * 300}, {"sub": "a\nb"}, {"scope": 7}, {"scope": [7]},
                       {"tenant": ""}, {"tenant": 7}, {"tenant": "../x"}, {"tenant": None,
                                                                         "scope": {"a": 1}}):
            self.assert_out(self.rsa.token(claims=claims), claims)

    def test_changed_after_it_was_signed(self):
        head, claims, signature = self.rsa.token().split(".")
        said = json.loads(base64.urlsafe_b64decode(claims + "=="))
        self.assert_out(f"{head}.{b64({**said, 'scope': 'admin'})}.{signature}")
        self.assert_out(f"{b64({'alg': 'RS256', 'kid': 'rsa', 'x': 1})}.{claims}.{signature}")
        for at in (0, 100, len(signature) - 2):
            other = "A" if signature[at] != "A" else "B"
            self.assert_out(f"{head}.{claims}.{signature[:at]}{other}{signature[at + 1:]}")
        self.assert_out(f"{head}.{claims}.{signature[:-4]}")
        self.assert_out(f"{head}.{claims}.{signature}AAAA")
        self.assert_out(f"{head}.{claims}.{b64(bytes(256))}")
        head, claims, _ = self.ec.token().split(".")
        self.assert_out(f"{head}.{claims}.{b64(bytes(64))}", "both numbers are zero")

    def test_strange_texts(self):
        good = json.dumps({"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": FAR})
        twice = good[:-1] + ', "scope": "tasks:read", "scope": "admin"}'
        deep = good[:-1] + ', "x": ' + "[" * 80 + "]" * 80 + "}"
        for claims in (twice, deep, "", "[]", "null", "{", good + "x", '"text"', "\ufeff" + good,
                       good[:-1] + ', "sub": "bob"}', good[:-1] + ', "exp": 1}'):
            self.assert_out(self.rsa.token(claims=claims), claims)
        for head in ('{"alg":"RS256","kid":"rsa","alg":"RS256"}', '{"alg":"none","alg":"RS256"}',
                     '{"alg":"RS256","kid":"rsa","crit":["exp"]}', '["RS256"]', "RS256",
                     '{"alg":"RS256","kid":"rsa","crit":[],"b64":false}'):
            self.assert_out(self.rsa.token(head), head)

    def test_huge_ones(self):
        self.assert_out(self.rsa.token(x="x" * 9000))
        self.assert_in(self.rsa.token(x="x" * 4000))
        for text in ("." * 3000, "a.b.c", "..", "a..c", "=.=.=", "a.b.c.d.e"):
            self.assert_out(text, text)

    def test_wrong_ones_count_as_failed_log_ins(self):
        good, address = self.rsa.token(), self.new_address()
        for number in range(10):
            bad = self.other.token({"kid": "rsa"}, sub=f"s{number}")
            self.assert_closed(self.peer(bad, address).get("/v1/tasks"))
        self.assertEqual(self.peer(good, address).get("/v1/tasks").status, 429)

    def test_own_tokens_are_as_good_as_before(self):
        self.assertEqual(self.having("tasks:read").get("/v1/tasks").status, 200)

    def test_keys_are_read_again_with_a_reload(self):
        old, new = self.ec.token(), Key(self.folder, "new", "EC").token()
        self.assert_in(old)
        self.assert_out(new)
        path = os.path.join(self.folder, "keys.json")
        shutil.copy(path, path + ".first")
        self.addCleanup(self.server.post, "/api/reload")
        self.addCleanup(shutil.copy, path + ".first", path)
        self.keys_file()
        self.assertEqual(self.server.post("/api/reload").status, 422)
        self.assert_in(old)
        fresh = Key(self.folder, "fresh", "EC")
        self.keys_file(fresh.jwk())
        self.call("POST", "/api/reload")
        self.assert_in(fresh.token())
        self.assert_out(old)


class Ended(JwtCase):
    clock = "manual"

    @classmethod
    def settings_of(cls):
        return {"CARILLON_JWT_KEYS_FILE": cls.keys_file(cls.rsa.jwk())}

    def test_a_token_that_was_good_ends_in_its_time(self):
        start = self.server.now()
        token = self.rsa.token(exp=start + 600, nbf=None)
        self.assert_in(token)
        self.server.advance(by="PT10M29S")
        self.assert_in(token)
        self.server.advance(by="PT1S")
        self.assert_out(token)


class Fetched(JwtCase):
    """Keys of an address, which are looked at again."""

    @classmethod
    def settings_of(cls):
        cls.keys = KeyServer(cls.rsa)
        cls.addClassCleanup(cls.keys.close)
        return {"CARILLON_JWT_KEYS_URL": cls.keys.url, "CARILLON_JWT_REFRESH_INTERVAL": "1s"}

    def setUp(self):
        self.keys.publish(self.rsa)
        self.wait_in(self.rsa)

    def wait_in(self, key):
        token = key.token()
        case.wait_until(lambda: self.peer(token).get("/v1/tasks").status == 200,
                        f"{key.name} is good")

    def test_a_key_that_is_published_no_more_is_good_no_more(self):
        token = self.rsa.token()
        self.keys.publish(self.ec)
        self.wait_in(self.ec)
        self.assert_out(token)

    def test_a_fetch_that_fails_keeps_the_keys(self):
        token = self.rsa.token()
        for answer in ((500, b""), (200, b"{}"), (200, b"not json"), (200, b" " * 300_000),
                       (200, b'{"keys":[{"kty":"oct","k":"AAAA"}]}'), (302, b"")):
            before = self.keys.requests
            self.keys.answer = answer
            case.wait_until(lambda: self.keys.requests >= before + 2, "it was asked twice")
            self.assert_in(token)
        self.assertIn("the keys of JSON Web Tokens stay as they were", self.server.log())


class Hurried(JwtCase):
    """An unknown key has the address looked at before its time."""

    @classmethod
    def settings_of(cls):
        cls.keys = KeyServer(cls.rsa)
        cls.addClassCleanup(cls.keys.close)
        return {"CARILLON_JWT_KEYS_URL": cls.keys.url, "CARILLON_JWT_REFRESH_INTERVAL": "24h"}

    def test_at_once_and_then_no_more_for_a_while(self):
        case.wait_until(lambda: self.peer(self.rsa.token()).get("/v1/tasks").status == 200,
                        "the first keys are there")
        self.keys.publish(self.rsa, self.ec)
        case.wait_until(lambda: self.peer(self.ec.token()).get("/v1/tasks").status == 200,
                        "the new key is good")
        asked = self.keys.requests
        self.assertEqual(asked, 2)
        for number in range(20):
            self.assert_out(self.other.token({"kid": f"k{number}"}))
        self.assertEqual(self.keys.requests, asked)


if __name__ == "__main__":
    case.main()
