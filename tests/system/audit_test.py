"""Who did what: every change is recorded, before its answer, and by nobody taken back."""

import csv
import io
import json

import case
from token_case import TokenCase

FAR = "2100-01-01T00:00:00Z"
NIGHTLY = {"cron": "0 3 * * *", "timezone": "UTC", "task_template": {"task_type": "q"}}


class AuditCase(TokenCase):
    def records(self, **wanted):
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        return self.call("GET", f"/v1/audit?limit=1000&{query}")["records"]

    def only(self, **wanted):
        found = self.records(**wanted)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def schedule(self, name=None):
        return self.call("POST", "/v1/schedules", {
            "name": name or case.unique("audited"), **NIGHTLY}, expect=201)


class Audit(AuditCase):
    def test_a_change_is_told_with_who_did_it_before_and_after(self):
        made = self.schedule()
        self.call("PATCH", f"/v1/schedules/{made['id']}", {"name": "renamed"},
                  headers={"X-Request-Id": "why-1", "User-Agent": "x" * 500})
        changed, created = self.records(subject=made["id"])
        self.assertEqual(created["action"], "POST /v1/schedules")
        self.assertEqual(created["after"]["name"], made["name"])
        self.assertIsNone(created["before"])
        self.assertEqual(changed["action"], "PATCH /v1/schedules/{id}")
        self.assertEqual(changed["who"], {"kind": "operator", "id": "operator",
                                          "name": "admin.token"})
        self.assertEqual((changed["before"]["name"], changed["after"]["name"]),
                         (made["name"], "renamed"))
        self.assertEqual((changed["outcome"], changed["status"]), ("done", 200))
        self.assertEqual((changed["request_id"], changed["address"]), ("why-1", "127.0.0.1"))
        self.assertLessEqual(len(changed["user_agent"]), 120)

    def test_a_new_task_is_recorded_with_its_own_commit(self):
        made = self.create(task_type="q", unique_id=case.unique())
        record = self.only(subject=made["id"])
        self.assertEqual((record["action"], record["outcome"]), ("POST /v1/tasks", "done"))
        # Nothing was made by a repeat.
        self.call("POST", "/v1/tasks", {"task_type": "q", "unique_id": made["unique_id"]})
        self.only(subject=made["id"])
        self.server.restart(hard=True)
        self.only(subject=made["id"])

    def test_what_a_token_does_is_its_own(self):
        token = self.make("tasks:create", "tasks:run")
        peer = self.peer(token["token"])
        made = peer.post("/v1/tasks", {"task_type": "q", "execute_after": FAR}).json
        self.assertEqual(peer.post(f"/v1/tasks/{made['id']}/cancel").status, 200)
        actions = [each["action"] for each in self.records(who=token["id"])]
        self.assertEqual(actions, ["POST /v1/tasks/{id}/cancel", "POST /v1/tasks"])
        cancel = self.records(who=token["id"], method="POST", subject=made["id"])[0]
        self.assertEqual((cancel["before"]["status"], cancel["after"]["status"]),
                         ("scheduled", "canceled"))

    def test_who_may_not_is_recorded_too(self):
        token = self.make("tasks:read")
        answer = self.peer(token["token"]).post("/v1/tasks", {"task_type": "q"})
        self.assertEqual(answer.status, 403)
        record = case.wait_until(lambda: self.records(who=token["id"], outcome="refused"),
                                 "the refusal is recorded")[0]
        self.assertEqual((record["action"], record["status"]), ("POST /v1/tasks", 403))
        self.peer("wrong").call("DELETE", "/v1/schedules/nothing")
        case.wait_until(lambda: [each for each in self.records(outcome="refused", method="DELETE")
                                 if each["status"] == 401], "the stranger is recorded")
        for _ in range(100):
            self.peer(token["token"]).post("/v1/tasks", {"task_type": "q"})
        self.assertLess(len(self.records(outcome="refused")), 70)

    def test_secrets_are_told_nowhere(self):
        made = self.make("tasks:read")
        secret = self.call("POST", "/v1/secrets", {"name": "hook"}, expect=201)
        target = {"url": self.receiver.url("/ok"), "headers": {"Authorization": "Bearer sesame-1"}}
        answer = self.server.post("/v1/schedules", {
            **NIGHTLY, "name": case.unique(), "task_template": {"target": target}})
        self.assertEqual(answer.status, 201, answer)
        text = self.server.get("/v1/audit?limit=1000").body.decode()
        text += self.server.get("/v1/audit/export").body.decode()
        for hidden in (made["token"], secret["secret"], "sesame-1"):
            self.assertNotIn(hidden, text)
        self.assertIn("***", text)

    def test_a_large_body_is_cut_and_marked(self):
        made = self.call("POST", "/v1/schedules", {
            **NIGHTLY, "name": "large",
            "task_template": {"task_type": "q", "payload": {"text": "p" * 40_000}}}, expect=201)
        record = self.only(subject=made["id"])
        self.assertTrue(record["after"]["cut"])
        self.assertGreater(record["after"]["bytes"], 40_000)
        self.assertEqual(len(record["after"]["text"]), 16 * 1024)

    def test_a_stream_is_one_record_with_its_count(self):
        lines = "".join(json.dumps({"task_type": "q"}) + "\n" for _ in range(300)) + "{broken\n"
        answer = self.server.client.call("POST", "/v1/tasks", lines.encode(), headers={
            "Content-Type": "application/x-ndjson", "X-Request-Id": "stream-1"})
        self.assertEqual(answer.status, 200)
        record = self.only(text="stream-1")
        self.assertEqual((record["count"], record["status"]), (300, 200))

    def test_workers_are_not_recorded(self):
        queue = case.unique("queue")
        self.create(task_type=queue)
        leased = self.lease(queue)
        self.settle("complete", {"task_id": leased[0]["task_id"], "token": leased[0]["token"]})
        for each in self.records():
            self.assertNotRegex(each["action"], "^POST /v1/(queues/.*/lease|leases/)")

    def test_pages_and_filters(self):
        names = [case.unique("page") for _ in range(5)]
        ids = [self.schedule(name)["id"] for name in names]
        found, cursor = [], ""
        while True:
            page = self.call("GET", "/v1/audit?limit=2&action=POST%20/v1/schedules&text=page-"
                             + cursor)
            found += [each["subject"] for each in page["records"]]
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
        self.assertEqual(found, ids[::-1])
        self.server.advance(by="PT1H")
        later = self.schedule()
        at = self.only(subject=later["id"])["at"]
        self.assertEqual([each["subject"] for each in self.records(**{"from": at})], [later["id"]])
        self.assertNotIn(later["id"], [each["subject"] for each in self.records(to=at)])
        for query, location in (("method=GET", "query.method"), ("outcome=x", "query.outcome"),
                                ("from=yesterday", "query.from"), ("sort=x", "query.sort"),
                                ("cursor=x", "query.cursor")):
            self.assert_problem(self.server.get(f"/v1/audit?{query}"), 422, location)
        self.assertEqual(self.server.client.call("DELETE", "/v1/audit").status, 405)

    def test_an_export_cannot_become_a_formula(self):
        name = '=HYPERLINK("http://evil")'
        made = self.call("POST", "/agents", {"name": name, "scopes": ["tasks:create"]}, expect=201)
        token = self.call("POST", f"/agents/{made['id']}/credentials", {}, expect=201)["token"]
        self.assertEqual(self.peer(token).post("/v1/tasks", {"task_type": "q"}).status, 201)
        answer = self.server.get(f"/v1/audit/export?format=csv&who={made['id']}")
        self.assertEqual(answer.headers["content-type"], "text/csv; charset=utf-8")
        rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
        self.assertEqual([row["who_name"] for row in rows], ["'" + name])
        lines = self.server.get("/v1/audit/export").body.decode().splitlines()
        self.assertEqual([json.loads(line) for line in lines], self.records())
        self.assert_problem(self.server.get("/v1/audit/export?format=xml"), 422, "query.format")

    def test_an_export_is_whole_whenever_it_is_asked_for(self):
        ids = {self.create(task_type="q")["id"] for _ in range(600)}
        for _ in range(50):
            lines = self.server.get("/v1/audit/export").body.decode().splitlines()
            self.assertLessEqual(ids, {json.loads(line)["subject"] for line in lines})

    def test_nobody_but_the_operator_reads_it(self):
        for path in ("/v1/audit", "/v1/audit/export"):
            self.assert_scope_missing(self.having("tasks:read").get(path), "admin")


class Kept(AuditCase):
    server_settings = {"environment": {"CARILLON_AUDIT_KEEP_FOR": "1h",
                                       "CARILLON_RETENTION_SWEEP_INTERVAL": "10s"}}

    def test_old_records_go(self):
        made = self.schedule()
        self.only(subject=made["id"])
        self.server.advance(by="PT2H")
        later = self.schedule()
        case.wait_until(lambda: not self.records(subject=made["id"]), "the record is gone")
        self.only(subject=later["id"])


if __name__ == "__main__":
    case.main()
