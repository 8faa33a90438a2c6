"""/v1/event-sources and /v1/events/in: events that are published with a signature."""

import base64
import collections
import hashlib
import hmac
import json
import os
import stat

import case
from client import Client

DETAIL = "there is no such source of events, or this is not signed by it, or not lately"


def sign(secret, event_id, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{event_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class EventSources(case.ServerCase):
    clock = "manual"

    def setUp(self):
        self.topic = case.unique("push")
        made = self.call("POST", "/v1/schedules", {
            "schedule_kind": "event", "schedule_expr": self.topic, "on_overlap": "allow",
            "task_template": {"task_type": case.unique("q")}}, expect=201)
        self.schedule = made["id"]

    def source(self, **changes):
        body = {"name": case.unique("src"), "topic": self.topic, **changes}
        return self.call("POST", "/v1/event-sources", body, expect=201)

    def send(self, source, body=b'{"a": 1}', event_id=None, at=None, **headers):
        """The sender knows no token."""
        event_id = event_id or case.unique("msg")
        at = int(self.server.now()) if at is None else at
        fields = {"webhook-id": event_id, "webhook-timestamp": str(at),
                  "webhook-signature": sign(source["secret"], event_id, at, body), **headers}
        client = Client(self.server.port)
        answer = client.post(f"/v1/events/in/{source['name']}", body,
                             headers={name: value for name, value in fields.items() if value})
        client.close()
        return answer

    def runs(self):
        return self.call("GET", f"/v1/schedules/{self.schedule}/tasks")["tasks"]

    def test_a_signed_event_runs_who_listens_and_needs_no_token(self):
        source = self.source()
        answer = self.send(source, event_id="msg_1")
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(answer.json, {"event_id": f"{source['name']}:msg_1",
                                       "topic": self.topic, "duplicate": False})
        self.assertEqual(len(self.runs()), 1)
        shown = self.call("GET", f"/v1/events/{source['name']}:msg_1")
        self.assertEqual((shown["source"], shown["payload"]), (source["name"], {"a": 1}))

    def test_a_replay_is_answered_again_and_runs_nothing(self):
        source, elsewhere = self.source(), self.source()
        self.send(source, event_id="msg_2")
        for at in (int(self.server.now()), int(self.server.now()) + 60):
            again = self.send(source, event_id="msg_2", at=at)
            self.assertEqual((again.status, again.json["duplicate"]), (200, True))
        self.assertEqual(len(self.runs()), 1)
        self.assertEqual(self.send(source, b"2", event_id="msg_2").status, 422)
        self.assertEqual(self.send(elsewhere, event_id="msg_2").status, 202)
        self.server.restart()
        self.assertEqual(self.send(source, event_id="msg_2").status, 200)

    def test_what_is_not_signed_lately_by_the_source_is_refused(self):
        source, other = self.source(), self.source()
        now = int(self.server.now())
        for answer in (self.send(source, **{"webhook-signature": None}),
                       self.send(source, **{"webhook-id": None}),
                       self.send(source, **{"webhook-timestamp": None}),
                       self.send(source, **{"webhook-signature": "v1,AAAA"}),
                       self.send({**source, "secret": other["secret"]}),
                       self.send(source, at=now - 301), self.send(source, at=now + 301)):
            self.assertEqual(self.assert_problem(answer, 401)["detail"], DETAIL)
        nobody = self.send({**source, "name": "nobody"})
        self.assertEqual(self.assert_problem(nobody, 404)["detail"], DETAIL)
        self.assertEqual(self.send(source, b"{").status, 400)
        self.assertEqual(self.runs(), [])

    def test_the_edge_of_the_tolerance_is_taken(self):
        source = self.source()
        now = int(self.server.now())
        self.assertEqual(self.send(source, at=now - 299).status, 202)
        self.assertEqual(self.send(source, at=now + 299).status, 202)

    def test_replays_at_once_run_once(self):
        source = self.source()
        now = int(self.server.now())
        answers = case.at_once(16, lambda _: [self.send(source, event_id="msg_3", at=now)
                                              for _ in range(8)])
        statuses = collections.Counter(one.status for some in answers for one in some)
        self.assertEqual(statuses, {200: 127, 202: 1})
        self.assertEqual(len(self.runs()), 1)

    def test_a_source_is_shown_without_its_secret_and_survives_a_crash(self):
        source = self.source()
        secret = source.pop("secret")
        self.assertEqual(len(base64.b64decode(secret.removeprefix("whsec_"))), 32)
        self.assertEqual(source["path"], f"/v1/events/in/{source['name']}")
        for _ in range(2):
            all_of_them = self.call("GET", "/v1/event-sources")
            self.assertIn(source, all_of_them["event_sources"])
            self.assertNotIn("whsec_", json.dumps(all_of_them))
            self.server.restart()
        self.assertEqual(self.send({**source, "secret": secret}).status, 202)

    def test_a_source_may_bring_its_own_secret(self):
        own = "whsec_" + base64.b64encode(b"k" * 24).decode()
        source = self.source(secret=own)
        self.assertEqual(source["secret"], own)
        self.assertEqual(self.send(source).status, 202)

    def test_a_removed_source_publishes_no_more(self):
        source = self.source()
        path = f"/v1/event-sources/{source['name']}"
        self.assertEqual(self.server.client.call("DELETE", path).status, 204)
        self.call("DELETE", path, expect=404)
        self.assertEqual(self.send(source).status, 404)
        self.server.restart()
        self.assertEqual(self.send(source).status, 404)

    def test_what_is_wrong_is_refused(self):
        source = self.source()
        for body, location in (({"topic": "t"}, "body.name"), ({"name": "n"}, "body.topic"),
                               ({"name": "a/b", "topic": "t"}, "body.name"),
                               ({"name": "n" * 65, "topic": "t"}, "body.name"),
                               ({"name": "n", "topic": "t", "secret": "whsec_abc"}, "body.secret"),
                               ({"name": "n", "topic": "t", "x": 1}, "body.x")):
            with self.subTest(body):
                self.assert_problem(self.server.post("/v1/event-sources", body), 422, location)
        taken = {"name": source["name"], "topic": "t"}
        self.assert_problem(self.server.post("/v1/event-sources", taken), 409)
        client = Client(self.server.port)
        self.assertEqual(client.post("/v1/event-sources", taken).status, 401)

    def test_no_secret_is_in_the_log_and_the_folder_is_the_owners(self):
        source = self.source()
        self.send(source)
        self.assertNotIn(source["secret"], self.server.log())
        mode = stat.S_IMODE(os.stat(self.server.data).st_mode)
        self.assertEqual(mode, 0o700)


if __name__ == "__main__":
    case.main()
