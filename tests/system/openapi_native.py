"""The calls of openapi_test.py on the native surface: each answer that the document has for them."""

import base64
import hashlib
import hmac
import json

import case
from receiver import Plan

LINES = {"Content-Type": "application/x-ndjson"}
ASYNC = Plan(202, headers={"carillon-async": "true"})


class NativeCalls:
    """For a test case that is an OpenapiCase."""

    # -- tasks -------------------------------------------------------------------------------------

    def test_tasks(self):
        queue = case.unique("q")
        made = self.create(task_type=queue, execute_after="1d", unique_id=queue)
        self.call("POST", "/v1/tasks", {"task_type": queue, "unique_id": queue})
        self.call("POST", "/v1/tasks", b'{"task_type":"lines"}\n{"task_type":""}\n', headers=LINES,
                  expect=None)
        task = "/v1/tasks/" + made["id"]
        self.call("DELETE", task, expect=409)
        self.call("POST", task + "/retry", expect=409)
        self.call("GET", task + "/attempts")
        self.call("GET", task + "/explain")
        self.call("GET", "/v1/tasks?limit=1&status=scheduled,queued")
        self.act(made["id"], "trigger")
        self.act(made["id"], "trigger", expect=409)
        held = self.lease(queue)[0]
        self.settle("fail", {"task_id": held["task_id"], "token": held["token"],
                             "retryable": False})
        self.call("GET", task)
        self.act(made["id"], "retry")
        self.act(made["id"], "cancel")
        self.act(made["id"], "cancel", expect=409)
        self.call("DELETE", task, expect=204, read=False)
        parts = self.create(task_type=queue, components=["a"])["id"]
        report = {"component": "a", "type": "completed"}
        self.call("POST", f"/v1/tasks/{parts}/events", report, expect=202)
        self.call("POST", f"/v1/tasks/{parts}/events", report, expect=409)
        self.real["/v1/tasks/"] = parts
        self.invalid()

    def test_bulk(self):
        queue = case.unique("q")
        lines = (json.dumps({"task_type": queue, "execute_after": "P7D"}) + "\n").encode() * 2000
        self.call("POST", "/v1/tasks", lines, headers=LINES)
        order = {"action": "cancel", "filter": {"task_type": queue}}
        self.call("POST", "/v1/tasks/bulk", {**order, "dry_run": True})
        job = self.call("POST", "/v1/tasks/bulk", order, expect=202)["id"]
        for what in ("pause", "resume", "pause", "cancel"):
            self.call("POST", f"/v1/tasks/bulk/{job}/{what}")
        for what in ("pause", "resume"):
            self.call("POST", f"/v1/tasks/bulk/{job}/{what}", expect=409)
        none = self.call("POST", "/v1/tasks/bulk", {"action": "delete", "filter": {"tag": "none"}},
                         expect=202)["id"]
        case.wait_until(lambda: self.call("GET", f"/v1/tasks/bulk/{none}")["status"] == "completed",
                        "it is over")
        self.call("POST", f"/v1/tasks/bulk/{none}/cancel", expect=409)
        self.call("GET", "/v1/tasks/bulk?limit=1")
        self.real["/v1/tasks/bulk/"] = job
        self.too_many_jobs(order)

    def too_many_jobs(self, order):
        open_jobs = []
        while (answer := self.server.post("/v1/tasks/bulk", order)).status == 202:
            open_jobs.append(answer.json["id"])
            self.server.post(f"/v1/tasks/bulk/{open_jobs[-1]}/pause")
            self.assertLess(len(open_jobs), 1000)
        self.assertEqual(answer.status, 409, answer)
        for job in open_jobs:
            self.server.post(f"/v1/tasks/bulk/{job}/cancel")

    def test_batches(self):
        key = case.unique("key")
        whole = {"name": "b", "idempotency_key": key, "tasks": [{"task_type": key}] * 2}
        batch = self.call("POST", "/v1/batches", whole, expect=201)["id"]
        self.call("POST", "/v1/batches", whole)
        self.call("POST", "/v1/batches", {**whole, "metadata": 1}, expect=409)
        lines = f'{{"name":"s"}}\n{{"task_type":"{key}"}}\n{{"task_type":""}}\n'.encode()
        self.call("POST", "/v1/batches", lines, headers=LINES, expect=None)
        self.call("GET", "/v1/batches?limit=1")
        place = "/v1/batches/" + batch
        self.call("GET", place)
        self.call("GET", place + "/tasks?limit=1")
        self.call("POST", place + "/seal")
        self.call("POST", place + "/retry_failed")
        self.call("POST", place + "/cancel")
        self.call("POST", place + "/seal", expect=409)
        self.call("POST", place + "/retry_failed", expect=409)
        done = self.call("POST", "/v1/batches", {"tasks": [{"task_type": key + "2"}]}, expect=201)
        held = self.lease(key + "2")[0]
        self.settle("complete", {"task_id": held["task_id"], "token": held["token"]})
        place = "/v1/batches/" + done["id"]
        case.wait_until(lambda: self.call("GET", place)["status"] == "completed", "it ends")
        self.call("POST", place + "/cancel", expect=409)

    # -- schedules ---------------------------------------------------------------------------------

    def schedule(self, **changes):
        body = {"cron": "0 * * * *", "timezone": "UTC", "on_overlap": "allow",
                "task_template": {"task_type": case.unique("q")}, **changes}
        return self.call("POST", "/v1/schedules", body, expect=201)["id"]

    def test_schedules(self):
        place = "/v1/schedules/" + self.schedule()
        self.call("GET", "/v1/schedules?limit=1&enabled=true")
        self.call("GET", place)
        self.call("PATCH", place, {"name": "n", "start_at": None, "catch_up_window": 60})
        self.call("POST", place + "/snooze", {"delay": "5m"})
        self.server.advance(by="PT3H")
        self.call("GET", place + "/tasks?limit=1")
        self.call("GET", place + "/preview?limit=2")
        self.call("GET", place + "/explain?at=2024-03-01T14:00:00Z")
        self.call("POST", place + "/run", expect=201)
        span = {"from": "2024-01-01T00:00:00Z", "to": "2024-01-01T02:00:00Z"}
        self.call("POST", place + "/backfill", span)
        self.call("POST", place + "/pause")
        self.call("POST", place + "/run", expect=409)
        self.call("POST", place + "/snooze", {"delay_seconds": 60}, expect=409)
        self.call("POST", place + "/resume")
        self.call("POST", place + "/cancel")
        for what, body in (("pause", None), ("resume", None), ("backfill", span)):
            self.call("POST", f"{place}/{what}", body, expect=409)
        self.call("PATCH", place, {"name": "m"}, expect=409)
        self.call("DELETE", place)
        self.call("POST", place + "/cancel", expect=409)
        self.call("POST", "/v1/preview", {"cron": "30 2 * * *", "timezone": "Europe/Berlin"})
        self.real["/v1/schedules/"] = self.schedule()
        self.invalid()

    # -- workers -----------------------------------------------------------------------------------

    def test_queues_and_leases(self):
        queue = case.unique("q")
        for _ in range(3):
            self.create(task_type=queue)
        held = [{"task_id": each["task_id"], "token": each["token"]} for each in self.lease(queue)]
        self.call("POST", "/v1/leases/heartbeat", {"leases": held})
        self.call("POST", "/v1/leases/fail", {"leases": held[:1]})
        self.call("POST", "/v1/leases/release", {"leases": held[1:2]})
        self.call("POST", "/v1/leases/complete", {"leases": held})
        self.call("GET", "/v1/queues?limit=1000")
        place = "/v1/queues/" + queue
        self.call("PATCH", place, {"concurrency": 5, "rate": {"limit": 100, "period": "1m"}})
        self.call("POST", place + "/pause")
        self.call("GET", place)
        self.call("POST", place + "/resume")
        self.call("PATCH", place, {"concurrency": None, "rate": None})
        for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/pause"), ("POST", "/resume"),
                             ("POST", "/lease")):
            self.call(method, "/v1/queues/%01" + path, {} if method != "GET" else None, expect=404)

    # -- events and delivery -----------------------------------------------------------------------

    def test_events(self):
        topic = case.unique("topic")
        self.schedule(cron=None, timezone=None, schedule_kind="event", schedule_expr=topic)
        event = {"topic": topic, "payload": {"a": 1}, "id": topic}
        self.call("POST", "/v1/events", event, expect=202)
        self.call("POST", "/v1/events", event)
        self.call("GET", "/v1/events?limit=1")
        self.call("GET", "/v1/events/topics?limit=1")
        self.call("GET", "/v1/events/" + topic)
        source = {"name": topic, "topic": topic}
        secret = self.call("POST", "/v1/event-sources", source, expect=201)["secret"]
        self.call("POST", "/v1/event-sources", source, expect=409)
        self.call("GET", "/v1/event-sources")
        self.signed(topic, secret, b'{"b": 2}', 202)
        self.signed(topic, secret, b'{"b": 2}', 200)
        self.signed(topic, secret, b"{", 400)
        self.signed(topic, "whsec_" + "A" * 32, b"{}", 401)
        self.signed(topic, secret, b"{}", 422, event_id="x" * 255)
        self.call("DELETE", "/v1/event-sources/" + topic, expect=204, read=False)

    def signed(self, name, secret, body, expect, event_id="msg_1"):
        at = str(int(self.server.now()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{event_id}.{at}.".encode() + body, hashlib.sha256).digest()
        self.call("POST", "/v1/events/in/" + name, body, expect=expect, headers={
            "webhook-id": event_id, "webhook-timestamp": at,
            "webhook-signature": "v1," + base64.b64encode(digest).decode()})

    def test_hosts_and_callbacks(self):
        self.receiver.on("/later", ASYNC)
        made = self.create(target=self.receiver.url("/later"), timeout="1h")
        address = self.receiver.wait_for(1, "/later")[0].headers["carillon-callback"]
        path = address[address.index("/v1/"):]
        case.wait_until(lambda: self.task(made["id"]).get("callback_expires_at"), "it is taken")
        self.call("POST", path, {"status": "progress", "progress": 40})
        self.call("POST", path, {"status": "never"}, expect=422)
        self.call("POST", path, {"status": "completed", "result": [1]})
        self.call("POST", path, {"status": "completed"}, expect=409)
        host = self.call("GET", "/v1/hosts?limit=1")["hosts"][0]["host"]
        self.call("GET", "/v1/hosts/" + host)
        self.call("POST", f"/v1/hosts/{host}/reset")

    def test_groups_and_secrets(self):
        group = {"name": case.unique("g"),
                 "urls": ["https://a.example.com/", "https://b.example.com/"]}
        self.call("POST", "/v1/url-groups", group, expect=201)
        self.call("POST", "/v1/url-groups", group, expect=409)
        self.call("GET", "/v1/url-groups")
        place = "/v1/url-groups/" + group["name"]
        self.call("GET", place)
        self.call("PUT", place, {"urls": ["https://c.example.com/"]})
        self.call("DELETE", place)
        secret = self.call("POST", "/v1/secrets", {"name": "billing"}, expect=201)["id"]
        self.call("GET", "/v1/secrets")
        self.real["/v1/secrets/"] = secret
        self.invalid()
        self.call("PATCH", "/v1/secrets/" + secret, {"expires_after": None})
        self.call("DELETE", "/v1/secrets/" + secret, expect=204, read=False)
