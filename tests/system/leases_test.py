"""Pull tasks: leases, their tokens, and workers that lie (R-15)."""

import concurrent.futures
import socket
import time

import case
from instants import to_seconds


def entry(grant, **more):
    return {"task_id": grant["task_id"], "token": grant["token"], **more}


class Leases(case.ServerCase):
    clock = "manual"

    def granted(self, lease="PT30S", **fields):
        """A pull task that a worker holds."""
        queue = case.unique("queue")
        made = self.create(task_type=queue, **fields)
        grants = self.lease(queue, lease=lease, wait="PT5S")
        self.assertEqual([grant["task_id"] for grant in grants], [made["id"]])
        return queue, grants[0]

    def outcomes(self, task_id):
        return [attempt["outcome"] for attempt in self.task(task_id)["attempts"]]

    def test_a_grant_is_whole(self):
        queue, grant = self.granted(payload={"k": [1, 2]})
        self.assertEqual(grant["task_type"], queue)
        self.assertEqual(grant["payload"], {"k": [1, 2]})
        self.assertEqual(grant["attempt"], 1)
        self.assertTrue(grant["token"])
        self.assertEqual(to_seconds(grant["lease_expires_at"]), self.server.now() + 30)
        task = self.task(grant["task_id"])
        self.assertEqual(task["status"], "processing")
        self.assertEqual(task["attempts"][0]["worker"], "w1")
        self.assertEqual(self.lease(queue), [], "a leased task is not granted again")

    def test_complete_ends_it_with_the_result(self):
        queue, grant = self.granted()
        self.settle("complete", entry(grant, result={"rows": 3}))
        task = self.task(grant["task_id"])
        self.assertEqual(task["status"], "completed")
        self.assertEqual(task["result"], {"rows": 3})
        self.assertEqual(self.outcomes(grant["task_id"]), ["success"])
        self.settle("complete", entry(grant), expect=409)

    def test_fail_is_retried_unless_it_is_final(self):
        policy = {"max_retries": 2, "backoff": "fixed", "delay": "PT10S"}
        queue, grant = self.granted(retry=policy)
        self.settle("fail", entry(grant, error="no space"))
        task = self.task(grant["task_id"])
        self.assertEqual((task["status"], task["attempts"][0]["outcome"]), ("retrying", "error"))
        self.assertEqual(task["attempts"][0]["error"], "no space")
        self.assertEqual(self.lease(queue), [])
        self.server.advance(by="PT10S")
        again = self.lease(queue, wait="PT5S")[0]
        self.assertEqual(again["attempt"], 2)
        self.assertNotEqual(again["token"], grant["token"])
        self.settle("fail", entry(again, error="hopeless", retryable=False))
        self.assertEqual(self.task(grant["task_id"])["status"], "failed")

    def test_release_gives_it_back_uncounted(self):
        queue, grant = self.granted()
        self.settle("release", entry(grant))
        again = self.lease(queue, wait="PT5S")[0]
        self.assertEqual((again["task_id"], again["attempt"]), (grant["task_id"], 2))
        self.settle("complete", entry(again))
        self.assertEqual(self.outcomes(grant["task_id"]), ["released", "success"])

    def test_a_lost_lease_is_granted_again_and_the_old_token_is_dead(self):
        queue, grant = self.granted(lease="PT10S")
        self.server.advance(by="PT9.999S")
        self.assertEqual(self.lease(queue), [])
        self.server.advance(by="PT0.001S")
        self.wait_attempts(grant["task_id"], 1)
        again = self.lease_after(queue)
        self.assertEqual((again["task_id"], again["attempt"]), (grant["task_id"], 2))
        for action in ("complete", "fail", "release", "heartbeat"):
            with self.subTest(action):
                self.settle(action, entry(grant), expect=409)
        self.assertEqual(self.task(grant["task_id"])["status"], "processing")
        self.settle("complete", entry(again))
        self.assertEqual(self.outcomes(grant["task_id"]), ["lease_lost", "success"])

    def lease_after(self, queue, step="PT1M"):
        """The one grant of the queue, moving the clock if a wait lies before it."""
        for _ in range(20):
            grants = self.lease(queue)
            if grants:
                return grants[0]
            self.server.advance(by=step)
        raise AssertionError("the task was never granted again")

    def test_an_ack_after_the_end_is_stale_even_with_no_new_holder(self):
        _, grant = self.granted(lease="PT10S")
        self.server.advance(by="PT10S")
        self.wait_attempts(grant["task_id"], 1)
        self.settle("complete", entry(grant), expect=409)
        self.assertNotEqual(self.task(grant["task_id"])["status"], "completed")

    def test_ten_lost_leases_are_free_and_then_it_fails(self):
        queue, grant = self.granted(lease="PT1S")
        for number in range(1, 11):
            self.server.advance(by="PT1S")
            self.wait_attempts(grant["task_id"], number)
            if self.task(grant["task_id"])["status"] == "failed":
                break
            self.lease_once(queue)
        self.server.advance(by="PT1S")
        task = self.wait_status(grant["task_id"], "failed")
        self.assertEqual(task["reason"], "lease_lost")
        self.assertGreaterEqual(len(task["attempts"]), 10)

    def lease_once(self, queue):
        for _ in range(20):
            if self.lease(queue, lease="PT1S"):
                return
            self.server.advance(by="PT1M")
        raise AssertionError("the task was never granted again")

    def test_a_heartbeat_extends_and_reports_progress(self):
        _, grant = self.granted(lease="PT10S")
        for _ in range(5):
            self.server.advance(by="PT8S")
            self.settle("heartbeat", entry(grant, progress=40))
        task = self.task(grant["task_id"])
        self.assertEqual(task["status"], "processing")
        self.assertEqual(len(task["attempts"]), 1)
        self.settle("complete", entry(grant))

    def test_each_entry_is_answered_by_itself_and_in_order(self):
        queue = case.unique("many")
        made = [self.create(task_type=queue)["id"] for _ in range(3)]
        grants = self.lease(queue, wait="PT5S", maximum=3)
        self.assertEqual(sorted(grant["task_id"] for grant in grants), sorted(made))
        ghost = {"task_id": "task_00000000-0000-0000-0000-00000000dead", "token": "x"}
        wrong = {"task_id": grants[1]["task_id"], "token": "wrong"}
        results = self.call("POST", "/v1/leases/complete", {
            "leases": [entry(grants[0]), wrong, ghost, entry(grants[2])]})["results"]
        self.assertEqual([result["task_id"] for result in results],
                         [grants[0]["task_id"], wrong["task_id"], ghost["task_id"],
                          grants[2]["task_id"]])
        self.assertEqual([results[0]["status"], results[1]["status"], results[3]["status"]],
                         [200, 409, 200])
        self.assertIn(results[2]["status"], (404, 409))
        self.assertEqual(self.task(grants[1]["task_id"])["status"], "processing")

    def test_max_bounds_a_grant_and_order_is_by_priority(self):
        queue = case.unique("order")
        for priority in (9, 5, 1, 5):
            self.create(task_type=queue, priority=priority, payload=priority)
        first = self.lease(queue, wait="PT5S", maximum=2)
        second = self.lease(queue, wait="PT5S", maximum=10)
        self.assertEqual([grant["payload"] for grant in first + second], [1, 5, 5, 9])

    def test_a_cancel_makes_the_token_stale(self):
        queue, grant = self.granted()
        self.act(grant["task_id"], "cancel")
        self.settle("complete", entry(grant), expect=409)
        self.assertEqual(self.wait_status(grant["task_id"], "canceled")["status"], "canceled")
        self.server.advance(by="PT1H")
        self.assertEqual(self.lease(queue), [])

    def test_nonsense_is_refused(self):
        answer = self.server.post("/v1/queues/q/lease", {"max": 0, "wait": "long", "lease": "PT0S"})
        self.assert_problem(answer, 422, "body.max", "body.wait", "body.lease")
        self.assert_problem(self.server.post("/v1/leases/complete", {"leases": 5}), 422,
                            "body.leases")


class LongPoll(case.ServerCase):
    def test_a_poll_wakes_when_a_task_comes_due(self):
        queue = case.unique("soon")
        due = time.time() + 0.5
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            poll = pool.submit(self.lease, queue, wait="PT20S")
            self.create(task_type=queue, execute_after=case.from_now(due - time.time()))
            grants = poll.result(10)
        self.assertEqual(len(grants), 1)
        self.assertGreaterEqual(time.time(), due - 0.001)

    def test_a_poll_wakes_when_a_task_is_created(self):
        queue = case.unique("new")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            poll = pool.submit(self.lease, queue, wait="PT20S")
            time.sleep(0.1)  # so that the poll is first; if it is not, the test is only weaker
            self.create(task_type=queue)
            self.assertEqual(len(poll.result(10)), 1)

    def test_a_poll_whose_client_is_gone_is_given_nothing(self):
        for header in ("", "Connection: close\r\n"):
            queue = case.unique("gone")
            body = b'{"wait":"PT20S"}'
            with socket.create_connection(("127.0.0.1", self.server.port)) as line:
                line.sendall(f"POST /v1/queues/{queue}/lease HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}"
                             f"Authorization: Bearer {self.server.token}\r\n"
                             f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
                time.sleep(0.1)  # it is a poll that waits
            time.sleep(0.1)  # and nobody hears of its end
            made = self.create(task_type=queue)
            self.assertEqual(self.task(made["id"])["status"], "queued", header)

    def test_an_empty_poll_ends_by_itself(self):
        begin = time.monotonic()
        self.assertEqual(self.lease(case.unique("empty"), wait="PT0.3S"), [])
        self.assertGreaterEqual(time.monotonic() - begin, 0.29)

    def test_one_task_goes_to_one_of_many_polls(self):
        queue = case.unique("rush")
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            polls = [pool.submit(self.lease, queue, wait="PT1S", maximum=1) for _ in range(10)]
            made = [self.create(task_type=queue)["id"] for _ in range(5)]
            grants = [grant["task_id"] for poll in polls for grant in poll.result(20)]
        self.assertEqual(sorted(grants), sorted(made))


if __name__ == "__main__":
    case.main()
