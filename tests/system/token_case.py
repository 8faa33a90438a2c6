"""The base of the tests of tokens: clients with tokens of their own, from addresses of their own."""

import itertools

from case import ServerCase
from client import Client

WANTED = "a good bearer token is needed"
PROBLEM = {"$schema", "type", "title", "status", "detail", "instance", "request_id"}


class TokenCase(ServerCase):
    clock = "manual"
    _places = itertools.count(1)

    @classmethod
    def new_address(cls):
        """An address from which no token has come yet."""
        number = next(cls._places)
        return f"127.1.{number // 250}.{number % 250 + 1}"

    def peer(self, token=None, source=None):
        """A client of its own."""
        client = Client(self.server.port, token, source=source or self.new_address())
        self.addCleanup(client.close)
        return client

    def make(self, *scopes, **fields):
        """A new token, as the answer to its making shows it."""
        body = {"name": "test", "scopes": list(scopes), **fields}
        return self.call("POST", "/v1/tokens", body, expect=201)

    def having(self, *scopes, **fields):
        """A client with a new token that has the scopes."""
        return self.peer(self.make(*scopes, **fields)["token"])

    def assert_closed(self, answer, what=""):
        """401 with the one text there is, and nothing else told."""
        self.assertEqual(answer.status, 401, f"{what}: {answer}")
        self.assertEqual(answer.headers["content-type"], "application/problem+json", what)
        self.assertLessEqual(set(answer.json), PROBLEM, what)
        self.assertEqual(answer.json["detail"], WANTED, what)
        self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer"), what)

    def assert_scope_missing(self, answer, scope, what=""):
        self.assertEqual(answer.status, 403, f"{what}: {answer}")
        self.assertLessEqual(set(answer.json), PROBLEM, what)
        self.assertIn(f"needs the scope {scope}", answer.json["detail"], what)
        self.assertIn('error="insufficient_scope"', answer.headers["www-authenticate"], what)
