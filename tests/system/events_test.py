"""POST /events: definitions that listen to a topic."""

import case
from definition_case import DefinitionCase

UNKNOWN = "00000000-0000-0000-0000-00000000dead"


class Events(DefinitionCase):
    def listen(self, topic, **changes):
        return self.define(schedule_kind="event", schedule_expr=topic, **changes)["id"]

    def publish(self, topic, **fields):
        return self.call("POST", "/events", {"topic": topic, **fields}, expect=202)

    def test_only_active_listeners_of_the_topic_run(self):  # AC-060
        topic, other = case.unique("email.received"), case.unique("email.sent")
        active, paused, elsewhere = self.listen(topic), self.listen(topic), self.listen(other)
        self.op(paused, "pause")
        answer = self.publish(topic, payload={"from": "a@b"}, source_agent_id=self.agent)
        self.assertIs(answer["success"], True)
        details = answer["details"]
        self.assertTrue(details.pop("event_id"))
        self.assertEqual(details, {"topic": topic, "triggered_tasks": [active]})
        self.assertEqual([run["triggered_by"] for run in self.runs(active)], ["event"])
        self.assertEqual(self.runs(paused) + self.runs(elsewhere), [])

    def test_nobody_listens(self):
        self.assertEqual(self.publish(case.unique())["details"]["triggered_tasks"], [])

    def test_a_listener_that_deduplicates_is_not_triggered_twice(self):
        topic = case.unique()
        task = self.listen(topic, dedupe_window_seconds=60)
        self.assertEqual(self.publish(topic)["details"]["triggered_tasks"], [task])
        self.assertEqual(self.publish(topic)["details"]["triggered_tasks"], [])
        self.assertEqual(len(self.runs(task)), 1)

    def test_a_change_of_topic_takes_effect_at_once(self):
        old, new = case.unique("old"), case.unique("new")
        task = self.listen(old)
        self.put(task, schedule_expr=new)
        self.assertEqual(self.publish(old)["details"]["triggered_tasks"], [])
        self.assertEqual(self.publish(new)["details"]["triggered_tasks"], [task])
        self.put(task, schedule_kind="cron", schedule_expr="0 8 * * *")
        self.assertEqual(self.publish(new)["details"]["triggered_tasks"], [])

    def test_listeners_survive_a_crash(self):
        topic = case.unique()
        task = self.listen(topic)
        self.server.restart()
        self.assertEqual(self.publish(topic)["details"]["triggered_tasks"], [task])
        self.assertEqual(len(self.runs(task)), 1)

    def test_what_is_wrong_is_refused(self):
        for body, location in (({}, "body.topic"), ({"topic": ""}, "body.topic"),
                               ({"topic": "x" * 201}, "body.topic"), ({"topic": 1}, "body.topic"),
                               ({"topic": "a\nb"}, "body.topic"),
                               ({"topic": "x", "foo": 1}, "body.foo"),
                               ({"topic": "x", "source_agent_id": UNKNOWN},
                                "body.source_agent_id"),
                               ({"topic": "x", "source_agent_id": "me"}, "body.source_agent_id")):
            with self.subTest(body):
                self.refused(422, location, path="/events", body=body)
        self.refused(400, path="/events", body=b"{")


if __name__ == "__main__":
    case.main()
