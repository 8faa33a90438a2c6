"""Every answer that the API's document has for any operation, seen from the server.

What each operation does by itself is told by the other tests; here it is only made to give each of
its answers once, and contract.py, through which all calls go, holds them against the document.
"""

import os
import socket
import sys
import tempfile
import unittest

import case
import contract
from carillon import Server
from client import Client
from openapi_case import SOMEBODY, OpenapiCase
from openapi_native import NativeCalls
from runner_case import RunnerCase

FILE = """
[tasks.hello]
run = "echo hello"

[tasks.secretive]
run = "echo hush"
api_trigger = false

[tasks.slow]
run = "sleep 60"

[services.always]
run = "sleep 60"
"""


class EveryAnswer(NativeCalls, OpenapiCase, RunnerCase):
    """One server lives through all of it."""

    clock = "manual"

    @classmethod
    def setUpClass(cls):
        cls.backups = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.backups.cleanup)
        cls.server_settings = {"environment": {"CARILLON_STORE_BACKUPS": cls.backups.name}}
        super().setUpClass()

    # -- one-off tasks and definitions -------------------------------------------------------------

    def test_one_off_tasks(self):
        body = {"taskType": "purge", "triggeredAt": "2099-01-01T00:00:00.000Z",
                "unique_id": case.unique()}
        made = self.call("POST", "/tasks", body, expect=201)["id"]
        self.call("POST", "/tasks", body)
        self.call("GET", "/tasks/" + made)
        self.call("GET", "/tasks?limit=2")
        for what, given in (("run_now", None), ("pause", None), ("resume", None),
                            ("snooze", {"delay_seconds": 60})):
            self.call("POST", f"/tasks/{made}/{what}", given, expect=409)
        self.call("PUT", f"/tasks/{made}", {"priority": 1}, expect=409)
        self.call("POST", f"/tasks/{made}/trigger")
        self.call("POST", f"/tasks/{made}/trigger", expect=409)
        report = {"type": "completed", "component": "a"}
        self.call("POST", f"/tasks/{made}/events", report, expect=202)
        self.call("POST", f"/tasks/{made}/events", {"type": "nonsense"}, expect=422)
        self.call("POST", f"/tasks/{made}/cancel", expect=409)
        self.call("POST", f"/tasks/{made}/events", report, expect=409)
        other = self.call("POST", "/tasks", {**body, "unique_id": case.unique()}, expect=201)["id"]
        self.call("POST", f"/tasks/{other}/cancel")

    def definition(self):
        agent = self.call("POST", "/agents", {"name": "a", "scopes": ["tasks:create"]},
                          expect=201)["id"]
        return {"title": "t", "description": "d", "schedule_kind": "cron",
                "schedule_expr": "0 8 * * *", "created_by": agent,
                "payload": {"pipeline": [{"id": "a", "uses": "test.echo", "with": {"b": 1}}]}}

    def test_definitions(self):
        other = self.call("POST", "/tasks", self.definition(), expect=201)["id"]
        self.real["/tasks/"] = self.real["/runs/task/"] = other
        self.invalid()
        made = self.call("POST", "/tasks", self.definition(), expect=201)["id"]
        place = "/tasks/" + made
        self.call("GET", "/tasks?limit=2")
        self.call("GET", f"/runs/task/{made}/latest")
        self.call("PUT", place, {"priority": None, "title": "u"})
        run = self.call("POST", place + "/run_now")["details"]["run_id"]
        self.call("POST", place + "/snooze", {"delay_seconds": 600, "reason": "holiday"})
        self.call("POST", place + "/pause")
        self.call("POST", place + "/resume")
        self.call("GET", "/runs?include_errors=true&success=true")
        self.call("GET", "/runs/" + run)
        for path in (f"task/{made}/latest", f"task/{made}/stats", "stats/summary"):
            self.call("GET", "/runs/" + path)
        self.call("POST", place + "/cancel")
        self.call("PUT", place, {"priority": 2}, expect=409)

    def test_agents_and_their_events(self):
        body = {"name": "a", "id": "01a1ffee-cb5d-7baa-832e-9c1a9ed49777"}
        agent = self.call("POST", "/agents", body, expect=201)["id"]
        self.call("POST", "/agents", body, expect=409)
        self.call("GET", "/agents")
        place = "/agents/" + agent
        self.call("GET", place)
        self.call("PUT", place, {"scopes": ["tasks:read"]})
        key = self.call("POST", place + "/credentials", expect=201)["id"]
        self.call("GET", place + "/credentials")
        self.real["/agents/"] = agent
        self.invalid()
        self.call("DELETE", f"{place}/credentials/{key}")
        event = {"topic": "t", "event_id": agent, "source_agent_id": agent}
        self.call("POST", "/events", event, expect=202)
        self.call("POST", "/events", event)
        self.call("DELETE", place)

    # -- commands ----------------------------------------------------------------------------------

    def test_commands(self):
        self.define(FILE)
        self.call("GET", "/api/tasks")
        self.call("GET", "/api/tasks/hello")
        self.call("GET", "/api/info")
        self.call("POST", "/api/tasks/secretive/run", expect=403)
        owned = self.call("GET", "/v1/schedules?limit=1")["schedules"][0]["id"]
        self.call("DELETE", "/v1/schedules/" + owned, expect=409)
        self.call("POST", "/api/tasks/always/run", {}, expect=409)
        for what in ("restart", "stop", "start"):
            self.call("POST", f"/api/tasks/always/{what}")
            self.call("POST", f"/api/tasks/hello/{what}", expect=409)
        self.logs(self.start("hello"))
        for place in ("/api/runs/{}", "/api/tasks/slow/runs/{}"):
            run = self.start("slow")["id"]
            self.call("DELETE", place.format(run), expect=409)
            self.call("POST", place.format(run) + "/stop")
            self.wait_ended(run)
            self.call("POST", place.format(run) + "/stop", expect=409)
            self.call("DELETE", place.format(run), expect=204, read=False)
        self.call("GET", "/api/tasks/hello/runs?limit=1")
        self.call("GET", "/api/runs?limit=1&sort_field=start_at")
        self.call("GET", "/api/runs/summary")
        self.follow_runs()
        self.define("[tasks.broken]\n", expect=422)

    def logs(self, run):
        self.wait_ended(run)
        for place in (f"/api/runs/{run['id']}", f"/api/tasks/hello/runs/{run['id']}"):
            for path in ("", "/log", "/log/raw", "/log/stream"):
                self.call("GET", place + path, read=path in ("", "/log"))
        task = self.call("GET", "/v1/tasks?task_type=hello&limit=1")["tasks"][0]
        self.call("GET", f"/v1/tasks/{task['id']}/log")
        self.real["/v1/tasks/"] = task["id"]
        self.real["/api/tasks/"] = "hello"
        self.real["/api/runs/"] = self.real["/api/tasks/hello/runs/"] = run["id"]
        self.invalid()

    def follow_runs(self):
        """A stream has no end: what is read of it is held against the document by hand."""
        stream = self.events("/api/runs/stream")
        found = [next(stream)]
        self.start("hello")
        for each in stream:
            found.append(each)
            if each[1] == "run.completed":
                break
        text = "".join(f"event: {name}\ndata: {data}\n\n" for _, name, data in found).encode()
        self.witness("GET", "/api/runs/stream", 200, "text/event-stream", text)

    # -- what is seen of it all --------------------------------------------------------------------

    def test_what_changes_and_what_is_planned(self):
        queue, key = case.unique("q"), case.unique("key")
        stream = self.events("/v1/stream?task_type=" + queue)
        found = [next(stream)]
        self.create(task_type=queue, concurrency_key=key)
        for each in stream:
            found.append(each)
            if each[1] == "task.created":
                break
        text = "".join(f"event: {name}\ndata: {data}\n\n" for _, name, data in found).encode()
        self.witness("GET", "/v1/stream", 200, "text/event-stream", text)
        self.lease(queue)
        self.create(task_type=queue, execute_after="PT1H")
        self.call("GET", "/v1/stats?group_by=task_type")
        self.call("GET", "/v1/stats?group_by=status")
        self.call("GET", "/v1/upcoming?limit=1")
        self.call("GET", "/v1/forecast?group_by=queue")
        self.call("GET", "/v1/limits")
        self.call("GET", "/v1/limits/" + key)

    # -- the server --------------------------------------------------------------------------------

    def test_tokens(self):
        made = self.call("POST", "/v1/tokens", {"name": "t", "scopes": ["admin"]}, expect=201)["id"]
        self.call("GET", "/v1/tokens")
        self.call("GET", "/v1/tokens/" + made)
        self.call("DELETE", "/v1/tokens/" + made, expect=204, read=False)

    def test_tenants(self):
        self.call("POST", "/v1/tenants", {"name": "guild"}, expect=201)
        self.call("POST", "/v1/tenants", {"name": "guild"}, expect=409)
        self.call("GET", "/v1/tenants")
        place = "/v1/tenants/guild"
        self.call("GET", place)
        self.call("PATCH", place, {"title": "Guild", "quotas": {"open_tasks": 10}})
        self.call("POST", place + "/tokens", expect=201)
        self.real["/v1/tenants/"] = "guild"
        self.invalid()
        self.call("DELETE", place + "?confirm=guild", expect=202)

    def test_the_server(self):
        for path in ("/healthz", "/readyz", "/v1/clock", "/openapi.json", "/schemas/Run.json"):
            self.call("GET", path)
        for path in ("/metrics", "/docs", "/docs/page.css", "/docs/page.js"):
            self.call("GET", path, read=False)
        packed = self.call("GET", "/openapi.json", read=False, headers={"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["content-encoding"], "gzip")
        self.call("POST", "/v1/clock/advance", {"by": "PT1S"})
        self.call("POST", "/v1/backup", {"to": os.path.join(self.backups.name, "one")}, expect=201)
        plain = Server(case.binary())
        self.addCleanup(plain.close)
        plain.start()
        for path, body in (("/v1/clock/advance", {"by": "PT1S"}), ("/v1/backup", {"to": "/x"})):
            answer = plain.post(path, body)
            self.assertEqual(answer.status, 409, answer)

    def test_the_examples_of_the_document_fit_its_schemas(self):
        contract.current().check_examples()

    def test_the_records_of_changes(self):
        self.create(task_type=case.unique("q"))
        self.call("GET", "/v1/audit?limit=2")
        for form in ("ndjson", "csv"):
            self.call("GET", f"/v1/audit/export?format={form}", read=False)

    def test_a_key_belongs_to_one_request(self):
        def twice(method, path, body):
            key = {"Idempotency-Key": case.unique("key")}
            self.client().call(method, path, body, headers=key)
            return self.client().call(method, path + "?other=1", body, headers=key)
        # Of an event the key is its id; the example for the clock goes on by more than keys live.
        self.each_operation(422, twice, besides=["publish", "advanceClock"] + [
            operation["operationId"] for operation in contract.current().operations.values()
            if "Idempotency-Key" not in str(operation.get("parameters"))])

    def test_a_change_of_what_has_changed_since(self):
        self.real["/v1/schedules/"] = self.schedule()
        self.real["/tasks/"] = self.call("POST", "/tasks", self.definition(), expect=201)["id"]
        self.each_operation(412, lambda method, path, body: self.client().call(
            method, path.replace(SOMEBODY, self.real[path[:path.index(SOMEBODY)]]), body,
            headers={"If-Match": '"0-0"'}))

    # -- what all operations may answer ------------------------------------------------------------

    def test_what_is_wrong_before_the_handler(self):
        self.each_operation(400, lambda *asked: self.client().call(
            *asked, headers={"No Name": "x"}))
        self.each_operation(403, self.call_without_leave)
        self.each_operation(401, lambda *asked: Client(self.server.port).call(*asked),
                            besides=["publishSigned"])
        self.each_operation(413, lambda method, path, _: self.client().call(
            method, path, headers={"Content-Length": str(1 << 30)}))
        self.each_operation(415, lambda method, path, _: self.client().call(
            method, path, b"x", headers={"Content-Type": "text/plain"}))
        self.each_operation(404, lambda *asked: self.client().call(*asked))
        self.invalid()

    def test_too_many_wrong_tokens(self):
        self.each_operation(429, lambda *asked: self.wrong().call(*asked), times=11)

    def test_too_many_connections(self):
        crowded = Server(case.binary(), environment={"CARILLON_HTTP_CONNECTIONS_MAX": "1"})
        self.addCleanup(crowded.close)
        crowded.start(wait=False)
        with case.wait_until(lambda: only_connection(crowded.port), "it listens"):
            self.each_operation(503, lambda *asked: Client(crowded.port).call(*asked))


def only_connection(port):
    try:
        return socket.create_connection(("127.0.0.1", port), 10.0)
    except OSError:
        return None


class NothingIsMissing(unittest.TestCase):
    """After the others, for unittest takes classes by their names: it takes all of them."""

    def test_no_documented_answer_was_never_seen(self):
        promised = contract.current()
        missing = [f"{method} {pattern} -> {status}"
                   for (method, pattern), operation in promised.operations.items()
                   for status in operation["responses"]
                   if int(status) not in operation.get("x-untested", ())
                   and not promised.seen[method, pattern, int(status)]]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    if contract.jsonschema is None:
        sys.exit("needs python3-jsonschema")
    case.main()
