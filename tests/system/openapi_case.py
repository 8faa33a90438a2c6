"""The base of the test of the API's document: calls to every operation at once."""

import re

import case
import contract
from client import Answer, Client

SOMEBODY = "00000000-0000-0000-0000-00000000dead"
JSON = "application/json"
NEVER_BODY = {"no_such_field": True}


class OpenapiCase(case.ServerCase):
    real = {}  # What stands for the parameter behind such a prefix, beside SOMEBODY.

    def call(self, method, path, body=None, expect=200, read=True, **options):
        """As of every case; `expect` None: whatever is documented, `read` False: it is no JSON."""
        answer = self.server.client.call(method, path, body, **options)
        if expect is not None:
            self.assertEqual(answer.status, expect, f"{method} {path}: {answer}")
        if method == "GET" and "etag" in answer.headers:
            again = self.server.client.call("GET", path, headers={
                "If-None-Match": answer.headers["etag"]})
            self.assertIn(again.status, (200, 304))  # it may have changed meanwhile
        kind = answer.headers.get("content-type", "").split(";")[0]
        return answer.json if read and kind in (JSON, contract.PROBLEM) else answer

    def client(self):
        """A connection of its own: some of what is sent here ends it."""
        return Client(self.server.port, self.server.token)

    def each_operation(self, status, call, times=1, besides=()):
        """Makes a call to all operations that document the status, `times` at most; it must be
        answered so."""
        for (method, pattern), operation in contract.current().operations.items():
            if str(status) not in operation["responses"] or operation["operationId"] in besides:
                continue
            if contract.current().seen[method, pattern, status]:
                continue
            path = re.sub(r"\{[^}]+\}", SOMEBODY, pattern)
            content = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
            body = content.get("example", {} if content else None)
            for _ in range(times):
                answer = call(method, path, body)
                if answer.status == status:
                    break
            with self.subTest(f"{method} {pattern}"):
                self.assertEqual(answer.status, status, answer)

    def invalid(self):
        """Wrong fields and parameters, wherever they are looked at."""
        for (method, pattern), operation in contract.current().operations.items():
            if "422" not in operation["responses"]:
                continue
            path = self.filled(pattern)
            if "requestBody" in operation:
                self.client().call(method, path, NEVER_BODY)
            else:
                self.client().call(method, path + "?no_such_parameter=1")

    def filled(self, pattern):
        """The pattern with the ids of what there is."""
        path = pattern
        while "{" in path:
            prefix = path[:path.index("{")]
            path = re.sub(r"\{[^}]+\}", self.real.get(prefix, SOMEBODY), path, count=1)
        return path

    def call_without_leave(self, method, path, body):
        """With a host that is not served, or a token that lacks the scope where one is needed."""
        pattern = contract.current().pattern_of(path)
        needs = contract.current().operations[method, pattern]["x-required-scope"]
        if needs.startswith(("anyone", "any token")) or needs.startswith("worker: "):
            return self.client().call(method, path, body, headers={"Host": "evil.example"})
        scope = "runs:read" if not needs.startswith("runs:read") else "tasks:read"
        return Client(self.server.port, self.limited_token(scope)).call(method, path, body)

    def limited_token(self, scope, known={}):
        if scope not in known:
            known[scope] = self.call("POST", "/v1/tokens", {"name": scope, "scopes": [scope]},
                                     expect=201)["token"]
        return known[scope]

    def wrong(self):
        """With a wrong token, from an address from which too many of them have come."""
        return Client(self.server.port, "carillon_" + "A" * 43, source="127.9.9.9")

    def witness(self, method, path, status, kind, body):
        """Holds an answer that came by another way against the document."""
        headers = {"content-type": kind, "x-request-id": "x"}
        contract.current().check(method, path, {}, b"", Answer(status, headers, body))
