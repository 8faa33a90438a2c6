"""Every route against every token that is not good for it: 401 or 403, and nothing told."""

import pathlib
import re
import socket

import case
from token_case import WANTED, TokenCase

TABLE = pathlib.Path(__file__).parent.parent / "http" / "policy_test.cpp"
SOMEBODY = "00000000-0000-0000-0000-00000000dead"
WRONG_MAX = 9  # from one address: one more would be held up


def routes_as_written():
    """(method, pattern, policy) of every route, from the table that the server's own test holds."""
    text = TABLE.read_text(encoding="utf-8")
    return re.findall(r"^(GET|POST|PUT|PATCH|DELETE) (\S+) : (.+)$", text, re.MULTILINE)


def routes():
    return [(method, re.sub(r"\{[^}]+\}", SOMEBODY, path), policy)
            for method, path, policy in routes_as_written()]


GUARDED = [route for route in routes() if route[2] != "anyone"]


class EveryRoute(TokenCase):
    def setUp(self):
        self.client = None
        self.wrong = 0
        self.tokens = {}

    def fresh(self):
        """A connection from an address that may still err."""
        if self.client is None or self.wrong >= WRONG_MAX:
            self.client = self.peer()
            self.wrong = 0
        self.wrong += 1
        return self.client

    def try_all(self, authorization, expect=401, suffix=""):
        for method, path, _ in GUARDED:
            what = f"{method} {path} {authorization!r:.60}"
            headers = {} if authorization is None else {"Authorization": authorization}
            answer = self.fresh().call(method, path + suffix, {}, headers=headers)
            self.assertEqual(answer.status, expect, f"{what}: {answer}")
            if expect == 401:
                self.assert_closed(answer, what)

    def test_the_table_is_the_whole_of_it(self):
        self.assertGreater(len(GUARDED), 110)

    def test_no_token(self):
        self.try_all(None)

    def test_what_is_no_token(self):
        good = self.server.token
        for text in ("", "Bearer", "Bearer ", good, f"Bearer  {good}", f"Basic {good}",
                     f"Bearer {good} {good}", f"Bearer {good},", f"Token {good}"):
            with self.subTest(text.replace(good, "GOOD")):
                self.try_all(text)

    def test_a_wrong_token(self):
        self.try_all("Bearer carillon_" + "A" * 43)

    def test_a_token_of_8_kib(self):
        self.try_all("Bearer " + "a" * 8192)

    def test_an_expired_token(self):
        token = self.make("admin", expires_after="PT1H")["token"]
        self.server.advance(by="PT1H")
        self.try_all(f"Bearer {token}")

    def test_a_revoked_token(self):
        made = self.make("admin")
        self.assertEqual(self.server.client.call("DELETE", f"/v1/tokens/{made['id']}").status, 204)
        self.try_all(f"Bearer {made['token']}")

    def test_a_token_in_the_query(self):
        token = self.server.token
        self.try_all(None, suffix=f"?api_key={token}&token={token}&access_token={token}")

    def test_a_token_without_the_scope(self):
        scopes = ["tasks:read", "tasks:create", "tasks:update", "tasks:delete", "tasks:run",
                  "runs:read", "events:publish", "worker:other"]
        for method, path, policy in GUARDED:
            if policy.startswith("any token"):
                continue
            lacking = [scope for scope in scopes
                       if scope not in policy and not
                       (scope == "worker:other" and policy.startswith("worker: "))]
            token = self.low_token(tuple(lacking))
            answer = self.fresh().call(method, path, {}, headers={"Authorization":
                                                                  f"Bearer {token}"})
            needed = {"worker:{queue}": f"worker:{SOMEBODY}"}.get(policy, policy.split(" ")[0])
            self.assert_scope_missing(answer, needed, f"{method} {path}")

    def low_token(self, scopes):
        if scopes not in self.tokens:
            self.tokens[scopes] = self.make(*scopes)["token"]
        return self.tokens[scopes]


class Tricks(TokenCase):
    def raw(self, request):
        """The status line and the rest of what the server says to these bytes."""
        with socket.create_connection(("127.0.0.1", self.server.port), 10.0,
                                      (self.new_address(), 0)) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def status(self, line, *headers, host=True):
        head = [line] + (["Host: 127.0.0.1"] if host else []) + list(headers) + ["", ""]
        answer = self.raw("\r\n".join(head).encode("latin-1"))
        return int(answer.split(b" ", 2)[1]), answer

    def test_ways_around_the_path(self):
        for path, expect in (("/v1/tasks/", 401), ("/v1/%74asks", 401), ("//v1/tasks", 404),
                             ("/V1/TASKS", 404), ("/v1/tasks;x", 404), ("/v1/tasks/..%2f", 401),
                             ("/v1/tasks/../tasks", 404), ("/v1/./tasks", 404), ("/TASKS", 404),
                             ("//tasks", 404), ("/tasks/", 401), ("/%74asks", 401),
                             ("/healthz/../v1/tasks", 404), ("/v1/tasks?x=/healthz", 401),
                             ("http://127.0.0.1/v1/tasks", 401),
                             ("http://localhost/healthz/../v1/tasks", 404)):
            with self.subTest(path):
                status, answer = self.status(f"GET {path} HTTP/1.1")
                self.assertEqual(status, expect, answer)
                if expect == 401:
                    self.assertIn(WANTED.encode(), answer)

    def test_ways_around_the_method(self):
        self.assertEqual(self.status("HEAD /v1/tasks HTTP/1.1")[0], 401)
        status, answer = self.status("OPTIONS /v1/tasks HTTP/1.1")
        self.assertEqual((status, answer.split(b"\r\n\r\n", 1)[1]), (204, b""))
        reader = self.make("tasks:read")["token"]
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            status, answer = self.status("POST /v1/tasks HTTP/1.1", f"{name}: GET",
                                         f"Authorization: Bearer {reader}", "Content-Length: 0")
            self.assertEqual(status, 403, answer)

    def test_ways_around_the_header(self):
        good = self.server.token
        for headers, expect in (([f"Authorization: Bearer {good}"] * 2, 400),
                                (["Authorization: Bearer x", f"Authorization: Bearer {good}"], 400),
                                ([f"Authorization: Bearer {good}\0"], 400),
                                ([f"Authorization: Be\xe0rer {good}"], 400),
                                ([f"Authorization: Be\xd0\xb0rer {good}"], 401),  # a Cyrillic a
                                ([f"Authorization : Bearer {good}"], 400),
                                ([f"X-Authorization: Bearer {good}"], 401),
                                ([f"Cookie: token={good}"], 401),
                                ([f"X-Forwarded-Authorization: Bearer {good}"], 401),
                                (["X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1"], 401)):
            with self.subTest([header.replace(good, "GOOD") for header in headers]):
                status, answer = self.status("GET /v1/tasks HTTP/1.1", *headers)
                self.assertEqual(status, expect, answer)
                self.assertNotIn(b'"tasks"', answer)

    def test_the_scheme_is_read_in_any_case(self):
        for scheme in ("bearer", "BEARER"):
            self.assertEqual(self.status("GET /v1/tasks HTTP/1.1", f"Authorization: {scheme} "
                                         f"{self.server.token}")[0], 200)


if __name__ == "__main__":
    case.main()
