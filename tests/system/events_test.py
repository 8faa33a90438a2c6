"""POST /events and /v1/events: who listens to a topic runs once for each event."""

import collections
import json
import random
import threading
import time

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

    def test_an_event_id_that_is_repeated_is_answered_again(self):
        topic, event_id = case.unique(), case.unique("order")
        task = self.listen(topic)
        first = self.publish(topic, payload=1, event_id=event_id)["details"]
        self.assertEqual(first, {"event_id": event_id, "topic": topic, "triggered_tasks": [task]})
        again = self.call("POST", "/events", {"topic": topic, "payload": 1, "event_id": event_id})
        self.assertEqual(again["details"], first)
        by_header = self.call("POST", "/events", {"topic": topic, "payload": 1},
                              headers={"Idempotency-Key": event_id})
        self.assertEqual(by_header["details"], first)
        self.refused(422, path="/events",
                     body={"topic": topic, "payload": 2, "event_id": event_id})
        self.assertEqual(len(self.runs(task)), 1)

    def test_what_is_wrong_is_refused(self):
        for body, location in (({}, "body.topic"), ({"topic": ""}, "body.topic"),
                               ({"topic": "x" * 201}, "body.topic"), ({"topic": 1}, "body.topic"),
                               ({"topic": "a\nb"}, "body.topic"),
                               ({"topic": "x", "foo": 1}, "body.foo"),
                               ({"topic": "x", "event_id": ""}, "body.event_id"),
                               ({"topic": "x", "source_agent_id": UNKNOWN},
                                "body.source_agent_id"),
                               ({"topic": "x", "source_agent_id": "me"}, "body.source_agent_id")):
            with self.subTest(body):
                self.refused(422, location, path="/events", body=body)
        self.refused(400, path="/events", body=b"{")


class EventCase(case.ServerCase):
    def listen(self, topic, **changes):
        body = {"schedule_kind": "event", "schedule_expr": topic, "on_overlap": "allow",
                "task_template": {"task_type": case.unique("q")}, **changes}
        return self.call("POST", "/v1/schedules", body, expect=201)["id"]

    def publish(self, topic, expect=202, headers=None, **fields):
        return self.call("POST", "/v1/events", {"topic": topic, **fields}, expect=expect,
                         headers=headers)

    def tasks(self, schedule):
        return self.call("GET", f"/v1/schedules/{schedule}/tasks")["tasks"]


class NativeEvents(EventCase):
    clock = "manual"

    def test_a_listener_s_work_is_about_the_event(self):
        topic, plain, own = case.unique(), case.unique("q"), case.unique("q")
        self.listen(topic, task_template={"task_type": plain})
        self.listen(topic, task_template={"task_type": own, "payload": {"x": 1}})
        self.listen(topic, task_template={"target": self.receiver.url("/event")})
        self.publish(topic, payload={"n": 17})
        for queue, payload in ((plain, {"n": 17}), (own, {"x": 1})):
            leased = self.lease(queue)[0]
            self.assertEqual((leased["payload"], leased["event"]), (payload, {"n": 17}))
            self.assertEqual(self.task(leased["task_id"])["event"], {"n": 17})
        self.assertEqual(json.loads(self.receiver.wait_for(1, "/event")[0].body), {"n": 17})

    def test_the_answer_says_what_each_listener_does(self):
        topic = case.unique("mail")
        plain = self.listen(topic)
        choosy = self.listen(topic, dedupe_window_seconds=3600)
        first = self.publish(topic, payload={"from": "a@b"}, source="test")
        self.assertTrue(first["event_id"])
        self.assertEqual((first["topic"], first["source"], first["duplicate"]),
                         (topic, "test", False))
        self.assertCountEqual([one["schedule_id"] for one in first["triggered"]], [plain, choosy])
        self.assertEqual(first["not_triggered"], [])
        for one in first["triggered"]:
            self.assertEqual([task["id"] for task in self.tasks(one["schedule_id"])],
                             [one["task_id"]])
        second = self.publish(topic)
        self.assertEqual([one["schedule_id"] for one in second["triggered"]], [plain])
        self.assertEqual([(one["schedule_id"], one["reason"]) for one in second["not_triggered"]],
                         [(choosy, "deduplicated")])

    def test_a_repeated_id_is_the_same_event_however_it_is_given(self):
        topic, event_id = case.unique(), case.unique("order")
        schedule = self.listen(topic)
        first = self.publish(topic, id=event_id, payload=[1])
        self.assertEqual(first.pop("duplicate"), False)
        for options in ({"id": event_id}, {"headers": {"Idempotency-Key": event_id}},
                        {"headers": {"webhook-id": event_id}},
                        {"id": event_id, "headers": {"webhook-id": event_id}}):
            with self.subTest(options):
                again = self.publish(topic, expect=200, payload=[1], **options)
                self.assertEqual(again.pop("duplicate"), True)
                self.assertEqual(again, first)
        self.server.restart()
        self.assertIs(self.publish(topic, expect=200, id=event_id, payload=[1])["duplicate"], True)
        self.publish(topic, expect=422, id=event_id, payload=[2])
        self.publish(topic, expect=422, id=event_id, payload=[1], source="other")
        self.publish(topic, expect=422, id="a", headers={"Idempotency-Key": "b"})
        self.assertEqual(len(self.tasks(schedule)), 1)

    def test_many_at_once_with_one_id_run_once(self):
        topic = case.unique()
        schedules = [self.listen(topic) for _ in range(3)]
        event_id = case.unique()
        answers = case.at_once(32, lambda _: [
            self.server.post("/v1/events", {"topic": topic, "id": event_id}) for _ in range(32)])
        answers = [one for some in answers for one in some]
        self.assertEqual(collections.Counter(one.status for one in answers), {200: 1023, 202: 1})
        self.assertEqual(len({str(one.json["triggered"]) for one in answers}), 1)
        for schedule in schedules:
            self.assertEqual(len(self.tasks(schedule)), 1)

    def test_recent_events_are_listed_and_shown(self):
        topic, other = case.unique("t"), case.unique("t")
        schedule = self.listen(topic)
        ids = [self.publish(topic, id=case.unique(), payload={"n": n})["event_id"]
               for n in range(5)]
        self.publish(other)
        page = self.call("GET", f"/v1/events?topic={topic}&limit=2")
        self.assertEqual((page["total"], page["has_more"]), (5, True))
        shown = page["events"]
        while page["has_more"]:
            page = self.call("GET", f"/v1/events?topic={topic}&limit=2"
                                    f"&cursor={page['next_cursor']}")
            shown += page["events"]
        self.assertEqual([one["event_id"] for one in shown], ids[::-1])
        self.assertEqual({(one["status"], one["triggered"], one["not_triggered"],
                           one["payload_bytes"]) for one in shown}, {("published", 1, 0, 8)})
        self.assertEqual(self.call("GET", "/v1/events?limit=1")["events"][0]["topic"], other)
        found = self.call("GET", f"/v1/events/{ids[2]}")
        self.assertEqual(found["payload"], {"n": 2})
        self.assertEqual([one["schedule_id"] for one in found["triggered"]], [schedule])
        topics = {one["topic"]: one
                  for one in self.call("GET", "/v1/events/topics?limit=1000")["topics"]}
        self.assertEqual((topics[topic]["listeners"], topics[other]["listeners"]), (1, 0))
        self.assertEqual(topics[topic]["last_event_at"], shown[0]["published_at"])
        self.call("GET", "/v1/events/none", expect=404)
        self.call("GET", "/v1/events?limit=1000", expect=422)

    def test_after_a_day_an_event_is_forgotten_and_its_id_is_free(self):
        topic, event_id = case.unique(), case.unique()
        schedule = self.listen(topic)
        self.publish(topic, id=event_id)
        self.server.advance(by="PT23H59M")
        self.publish(topic, expect=200, id=event_id)
        self.server.advance(by="PT2M")
        self.publish(topic, id=event_id, payload="other")
        self.assertEqual(len(self.tasks(schedule)), 2)

        def swept():
            self.server.advance(by="PT10M")
            return self.call("GET", f"/v1/events?topic={topic}")["total"] == 1
        case.wait_until(swept, "only the newer event is left")
        self.assertEqual(self.call("GET", f"/v1/events/{event_id}")["payload"], "other")

    def test_a_large_payload_goes_to_many_listeners(self):
        topic = case.unique()
        schedules = [self.listen(topic) for _ in range(40)]
        payload = "x" * 1_000_000
        told = self.publish(topic, payload=payload)["triggered"]
        self.assertCountEqual([one["schedule_id"] for one in told], schedules)

    def test_what_is_wrong_is_refused(self):
        for body, location in (({}, "body.topic"), ({"topic": "x", "id": ""}, "body.id"),
                               ({"topic": "x", "id": "a\nb"}, "body.id"),
                               ({"topic": "x", "id": "y" * 256}, "body.id"),
                               ({"topic": "x", "source": 1}, "body.source"),
                               ({"topic": "x", "foo": 1}, "body.foo")):
            with self.subTest(body):
                self.assert_problem(self.server.post("/v1/events", body), 422, location)
        self.assert_problem(self.server.post("/v1/events", b"{"), 400)


class Killed(EventCase):
    """kill -9 while an event is told to 200 schedules."""

    LISTENERS = 200
    ROUNDS = 12

    def runs_of(self, queue):
        found, query = collections.Counter(), f"/v1/tasks?task_type={queue}&limit=200"
        page = self.call("GET", query)
        while True:
            found.update(task["schedule_id"] for task in page["tasks"])
            if not page["has_more"]:
                return found
            page = self.call("GET", f"{query}&cursor={page['next_cursor']}")

    def test_each_listener_runs_exactly_once_for_each_event(self):
        topic, queue = case.unique(), case.unique("q")
        schedules = [self.listen(topic, task_template={"task_type": queue})
                     for _ in range(self.LISTENERS)]
        dice = random.Random(6)
        acknowledged = 0
        for number in range(1, self.ROUNDS + 1):
            event = {"topic": topic, "id": f"{topic}-{number}"}
            answers = []

            def publish(event=event, answers=answers):
                try:
                    answers.append(self.server.post("/v1/events", event))
                except ConnectionError:
                    pass  # killed before the answer
            publisher = threading.Thread(target=publish)
            publisher.start()
            time.sleep(dice.uniform(0, 0.06))
            self.server.kill()
            publisher.join()
            self.server.start()
            acknowledged += len(answers)
            answer = self.server.post("/v1/events", event)
            self.assertIn(answer.status, (200, 202))
            if answers:
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.json["triggered"], answers[0].json["triggered"])
            self.assertEqual(len(answer.json["triggered"]), self.LISTENERS)
            self.assertEqual(self.runs_of(queue), {one: number for one in schedules})

    def test_one_without_an_id_is_told_to_all_or_to_nobody(self):
        topic, queue = case.unique(), case.unique("q")
        schedules = [self.listen(topic, task_template={"task_type": queue})
                     for _ in range(self.LISTENERS)]
        dice = random.Random(7)
        for _ in range(self.ROUNDS):
            before = self.runs_of(queue)
            publisher = threading.Thread(target=self.publish_into_the_void, args=(topic,))
            publisher.start()
            time.sleep(dice.uniform(0, 0.06))
            self.server.kill()
            publisher.join()
            self.server.start()

            def settled():
                events = self.call("GET", f"/v1/events?topic={topic}&limit=1")["events"]
                return all(one["status"] == "published" for one in events)
            case.wait_until(settled, "the event is told")
            after = self.runs_of(queue)
            self.assertEqual(len({after[one] - before[one] for one in schedules}), 1)

    def publish_into_the_void(self, topic):
        try:
            self.server.post("/v1/events", {"topic": topic})
        except ConnectionError:
            pass


if __name__ == "__main__":
    case.main()
