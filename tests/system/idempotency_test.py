"""Idempotency-Key: a request that is repeated is carried out once, whatever happens meanwhile."""

import random
import threading
import uuid

import case
from token_case import TokenCase

FAR = "2100-01-01T00:00:00Z"
ROUNDS = 6


def key(text=None):
    return {"Idempotency-Key": text or str(uuid.uuid4())}


def nightly(name, queue):
    return {"name": name, "cron": "0 3 * * *", "timezone": "UTC",
            "task_template": {"task_type": queue}}


class Keys(TokenCase):
    def twice(self, path, body, status, **options):
        """The two answers to a request and its repeat."""
        headers = {**key(), **options}
        first = self.server.post(path, body, headers=headers)
        self.assertEqual(first.status, status, first)
        self.assertNotIn("idempotency-replayed", first.headers)
        again = self.server.post(path, body, headers=headers)
        self.assertEqual((again.status, again.body), (first.status, first.body))
        self.assertEqual(again.headers.get("location"), first.headers.get("location"))
        self.assertEqual(again.headers["idempotency-replayed"], "true")
        return first.json, headers

    def test_what_makes_something_makes_one(self):
        queue = case.unique("queue")
        self.twice("/v1/tasks", {"task_type": queue}, 201)
        self.assertEqual(self.total(f"&task_type={queue}"), 1)
        rule = nightly(case.unique(), queue)
        made, _ = self.twice("/v1/schedules", rule, 201)
        self.twice(f"/v1/schedules/{made['id']}/run", None, 201)
        self.assertEqual(self.total(f"&task_type={queue}"), 2)
        self.twice("/agents", {"name": "bot"}, 201)
        self.twice("/tasks", {"taskType": queue, "triggeredAt": FAR}, 201)
        self.twice("/v1/url-groups", {"name": case.unique(), "urls": [self.receiver.url("/")]},
                   201)

    def test_what_changes_something_changes_it_once(self):
        made = self.create(task_type="q", execute_after=FAR)
        self.twice(f"/v1/tasks/{made['id']}/cancel", None, 200)
        queue = case.unique("queue")
        made = self.create(task_type=queue)
        leased = self.lease(queue)[0]
        self.settle("fail", {"task_id": leased["task_id"], "token": leased["token"]})
        self.twice(f"/v1/tasks/{made['id']}/retry", None, 200)
        self.assertEqual(len(self.lease(queue)), 1)

    def test_a_refusal_is_told_again(self):
        self.twice("/v1/tasks", {"task_type": 5}, 422)

    def test_another_request_does_not_get_the_answer(self):
        _, headers = self.twice("/v1/tasks", {"task_type": "q"}, 201)
        for path, body in (("/v1/tasks", {"task_type": "other"}), ("/tasks", {"task_type": "q"}),
                           ("/v1/tasks?x=1", {"task_type": "q"})):
            self.assertEqual(self.server.post(path, body, headers=headers).status, 422)
        # Each asker has keys of its own.
        peer = self.having("tasks:create")
        answer = peer.post("/v1/tasks", {"task_type": "q"}, headers=headers)
        self.assertEqual(answer.status, 201)
        self.assertNotIn("idempotency-replayed", answer.headers)

    def test_what_is_no_key_is_refused(self):
        for text in ("", "k" * 256, "a\tb"):
            answer = self.server.post("/v1/tasks", {"task_type": "q"},
                                      headers={"Idempotency-Key": text})
            self.assertIn(answer.status, (400, 422), answer)
        self.twice("/v1/tasks", {"task_type": "q"}, 201, **key("k" * 255))
        answer = self.server.client.call("POST", "/v1/tasks", b'{"task_type":"q"}\n', headers={
            "Content-Type": "application/x-ndjson", **key()})
        self.assert_problem(answer, 400)

    def test_two_at_once_are_one(self):
        queue, headers = case.unique("queue"), key()
        answers = case.at_once(8, lambda _: self.server.post("/v1/tasks", {"task_type": queue},
                                                             headers=headers))
        self.assertEqual({each.status for each in answers} - {201, 409}, set(), answers)
        made = {each.json["id"] for each in answers if each.status == 201}
        self.assertEqual(len(made), 1)
        self.assertEqual(self.total(f"&task_type={queue}"), 1)

    def test_a_key_is_free_after_a_day(self):
        queue = case.unique("queue")
        made, headers = self.twice("/v1/tasks", {"task_type": queue}, 201)
        self.server.advance(by="PT23H59M")
        again = self.server.post("/v1/tasks", {"task_type": queue}, headers=headers)
        self.assertEqual(again.json["id"], made["id"])
        self.server.advance(by="PT1M")
        later = self.server.post("/v1/tasks", {"task_type": queue}, headers=headers)
        self.assertNotEqual(later.json["id"], made["id"])

    def test_a_secret_is_told_once(self):
        headers = key()
        body = {"name": "ci", "scopes": ["tasks:read"]}
        first = self.server.post("/v1/tokens", body, headers=headers)
        self.assertEqual(first.status, 201)
        again = self.server.post("/v1/tokens", body, headers=headers)
        self.assert_problem(again, 409)
        self.assertIn(first.json["id"], again.json["detail"])

    def test_a_batch_has_its_key_in_the_header_too(self):
        body = {"name": case.unique(), "tasks": [{"task_type": "q"}]}
        headers = key()
        first = self.server.post("/v1/batches", body, headers=headers)
        again = self.server.post("/v1/batches", body, headers=headers)
        self.assertEqual((first.status, again.status), (201, 200), first)
        self.assertEqual(first.json["id"], again.json["id"])

    def test_answers_outlive_a_crash(self):
        queue = case.unique("queue")
        made, headers = self.twice("/v1/tasks", {"task_type": queue}, 201)
        self.server.restart(hard=True)
        again = self.server.post("/v1/tasks", {"task_type": queue}, headers=headers)
        self.assertEqual((again.status, again.json["id"]), (201, made["id"]))


class Crashes(TokenCase):
    def until_done(self, path, body, headers, stop):
        while not stop.is_set():
            try:
                answer = self.server.post(path, body, headers=headers)
            except ConnectionError:
                stop.wait(0.02)
                continue
            if answer.status == 201 and answer.headers["location"].endswith(answer.json["id"]):
                return answer.json
            if answer.status not in (409, 503):
                raise AssertionError(f"{path}: {answer}")
            stop.wait(0.01)
        return None

    def test_whoever_repeats_until_it_is_done_has_done_it_once(self):
        """Some requests are under way at each kill; each is repeated until it has an answer."""
        tasks, schedules = case.unique("tasks"), case.unique("schedules")
        stop, done, faults, lock = threading.Event(), [], [], threading.Lock()

        def client(_):
            try:
                while not stop.is_set():
                    name = case.unique()
                    one = self.until_done("/v1/tasks", {"task_type": tasks, "tags": [name]},
                                          key(name), stop)
                    two = self.until_done("/v1/schedules", nightly(name, schedules),
                                          key(name + "s"), stop)
                    three = two and self.until_done(f"/v1/schedules/{two['id']}/run", None,
                                                    key(name + "r"), stop)
                    if one and three:
                        with lock:
                            done.append((one["id"], two["id"], three["id"]))
            except AssertionError as error:
                faults.append(error)

        threads = [threading.Thread(target=client, args=(each,)) for each in range(6)]
        for each in threads:
            each.start()
        try:
            for _ in range(ROUNDS):
                stop.wait(random.uniform(0.3, 0.9))
                self.server.restart(hard=True)
            stop.wait(0.5)
        finally:
            stop.set()
            for each in threads:
                each.join()
        self.assertEqual(faults, [])
        self.assertGreater(len(done), 10)
        # At most the last request of each client was given up without an answer.
        for queue, at in ((tasks, 0), (schedules, 2)):
            ids = {each[at] for each in done}
            self.assertEqual(len(ids), len(done))
            self.assertLessEqual(self.total(f"&task_type={queue}") - len(ids), 6)
        names = [each["name"] for each in self.call("GET", "/v1/schedules?limit=1000")["schedules"]]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    case.main()
