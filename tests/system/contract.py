"""What the API's document promises, held against what the server answers.

Every call that `client.Client` makes is checked when the document lies beside the server and the
validator (python3-jsonschema) is there: a status that is not documented, a body that does not fit
its schema, or a body that was taken though the document would refuse it, fails the test that made
the call.
"""

import collections
import functools
import gzip
import json
import os
import re
import urllib.parse

try:
    import jsonschema
except ImportError:
    jsonschema = None

PROBLEM = "application/problem+json"
LINES = "application/x-ndjson"
EVENTS = "text/event-stream"
# What any request may be answered with, as HTTP has it.
GENERAL = {404, 405, 408, 413, 414, 415, 417, 431, 500, 501, 503, 505}
TIMES_MAX = 20  # Each answer of an operation is looked at so often: tests of load make many alike.
BYTES_MAX = 1 << 18
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Broken(AssertionError):
    """The server does not do what the document says, or the other way round."""


class Contract:
    def __init__(self, document):
        self.document = document
        self.operations = {}  # (method, pattern) -> operation
        self.paths = []  # (segments, pattern), literal ones first
        for pattern, methods in document["paths"].items():
            self.paths.append((pattern.strip("/").split("/"), pattern))
            for method, operation in methods.items():
                self.operations[method.upper(), pattern] = operation
        self.paths.sort(key=lambda path: [part.startswith("{") for part in path[0]])
        self.seen = collections.Counter()  # (method, pattern, status)
        self._validators = {}

    def pattern_of(self, path):
        """The documented path that a request's path is for, or None."""
        path = re.sub(r"^https?://[^/]+", "", path.split("?", 1)[0])
        path = re.sub(r"^/t/[^/]+(?=/)", "", path)  # a tenant's own
        parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        for segments, pattern in self.paths:
            if len(segments) == len(parts) and all(
                    part and (wanted.startswith("{") or wanted == part)
                    for wanted, part in zip(segments, parts)):
                return pattern
        return None

    def check(self, method, path, headers, body, answer):
        """Fails unless the answer, and the request if it was taken, are as documented."""
        if method == "OPTIONS":
            return
        pattern = self.pattern_of(path)
        read_as = "GET" if method == "HEAD" else method
        operation = self.operations.get((read_as, pattern))
        self.seen[read_as, pattern, answer.status] += 1
        if self.seen[read_as, pattern, answer.status] > TIMES_MAX or len(answer.body) > BYTES_MAX:
            return
        what = f"{method} {path} -> {answer.status}"
        documented = operation and operation["responses"].get(str(answer.status))
        if not documented and answer.status in GENERAL:
            documented = self.document["components"]["responses"]["Problem503"]
        elif not documented and not operation and answer.status in (400, 403):
            documented = self.document["components"]["responses"]["Problem400"]
        if not documented:
            raise Broken(f"{what}: the document has no such answer: {answer}")
        if method != "HEAD":
            self._check_answer(what, self._resolve(documented), answer)
        if operation and answer.status < 300:
            self._check_taken(what, operation.get("requestBody"), headers, body)

    def check_examples(self):
        """Fails unless the document's own examples fit its schemas."""
        for name, schema in self.document["components"]["schemas"].items():
            for example in schema.get("examples", ()):
                self._validate(f"the example of {name}", schema, example)
        for (method, pattern), operation in self.operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if "example" in content:
                    self._validate(f"the example of {method} {pattern}", content["schema"],
                                   content["example"])

    # -- parts -------------------------------------------------------------------------------------

    def _check_answer(self, what, documented, answer):
        missing = {"x-request-id"} - set(answer.headers)
        content = documented.get("content")
        if missing:
            raise Broken(f"{what}: without {missing}")
        if not content or answer.status == 304:
            if answer.body:
                raise Broken(f"{what}: the document knows of no body: {answer}")
            return
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind not in content:
            raise Broken(f"{what}: {kind!r} is not documented, but {list(content)}")
        packed = answer.headers.get("content-encoding") == "gzip"
        for value in values(kind, gzip.decompress(answer.body) if packed else answer.body):
            self._validate(what, content[kind]["schema"], value)

    def _check_taken(self, what, documented, headers, body):
        if not documented:
            return
        if not body:
            if documented["required"]:
                raise Broken(f"{what}: taken without the body that the document requires")
            return
        kind = headers.get("Content-Type", "application/json").split(";")[0]
        if kind not in documented["content"]:
            raise Broken(f"{what}: {kind!r} was taken, but is not documented")
        if kind == LINES:  # a line that is refused is answered in its place
            return
        for value in values(kind, body):
            self._validate(f"{what}: taken", documented["content"][kind]["schema"], value)

    def _resolve(self, node):
        while "$ref" in node:
            target = self.document
            for key in node["$ref"][2:].split("/"):
                target = target[key]
            node = target
        return node

    def _validate(self, what, schema, value):
        key = id(schema)
        if key not in self._validators:
            self._validators[key] = jsonschema.Draft202012Validator(
                {**schema, "components": self.document["components"]}, format_checker=formats())
        worst = jsonschema.exceptions.best_match(self._validators[key].iter_errors(value))
        if worst:
            place = "/".join(str(part) for part in worst.absolute_path)
            raise Broken(f"{what}: at {place or 'the top'}: {worst.message[:600]}\n"
                         f"{json.dumps(value)[:2000]}")


def values(kind, body):
    """What a body holds: one value, one a line, or one an event."""
    if kind == LINES:
        return [json.loads(line) for line in body.splitlines() if line.strip()]
    if kind == EVENTS:
        return events(body.decode())
    if kind.endswith("json"):
        return [json.loads(body)]
    return [body.decode(errors="replace")]


def events(text):
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith(":")]
        fields = dict(line.split(": ", 1) for line in lines)
        if fields:
            yield {**fields, "data": json.loads(fields["data"])}


def formats():
    checker = jsonschema.FormatChecker(formats=())
    for name, form in (("date-time", TIME), ("uuid", UUID)):
        checker.checks(name)(
            lambda text, form=form: not isinstance(text, str) or bool(form.fullmatch(text)))
    return checker


def beside(binary):
    """The contract that the build has laid beside the server; None without it or the validator."""
    path = os.path.join(os.path.dirname(os.path.abspath(binary)), "openapi.json")
    if jsonschema is None or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return Contract(json.load(file))


@functools.cache
def current():
    """The contract of the server under test."""
    return beside(os.environ["CARILLON_BINARY"]) if "CARILLON_BINARY" in os.environ else None
