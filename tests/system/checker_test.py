"""The checker itself: a clean run passes, and each planted fault is found under its name."""

import copy
import os
import tempfile
import unittest

import checker
import journal
from instants import to_text

T = 1_900_000_000.0  # when the run begins
URL = "http://127.0.0.1:1/ok"


class Run:
    """A synthetic run: a journal and a dump, step by step."""

    def __init__(self):
        self.entries = []
        self.tasks = {}
        self.now = T
        self.number = 0

    def at(self, seconds):
        self.now = T + seconds
        return self

    def request(self, op, status, answer=None, **asked):
        self.number += 1
        self.entries.append(
            {"kind": "request", "n": self.number, "at": self.now, "op": op, **asked})
        if status is not None:
            self.entries.append({"kind": "answer", "n": self.number, "at": self.now + 0.01,
                                 "status": status, "body": answer})

    def create(self, name, status=201, there=True, due=1.0, **fields):
        body = {"payload": {"nonce": name}, "execute_after": to_text(T + due),
                "retry": {"max_retries": 0}, **fields}
        if "task_type" not in fields:
            body["target"] = URL
        task = {"id": f"task_{name}", "status": "scheduled", "created_at": to_text(self.now),
                "scheduled_for": body["execute_after"], "attempts": [],
                "target": body.get("target"), "task_type": body.get("task_type"),
                "payload": body["payload"], "unique_id": body.get("unique_id"), "tags": []}
        if there:
            self.tasks[task["id"]] = task
        answer = {**task, "attempts": 0} if status == 201 else None
        self.request("create", status, answer, body=body)
        return task["id"]

    def arrive(self, task, attempt=1, status=200):
        self.entries.append({"kind": "delivery", "at": self.now, "task": task, "attempt": attempt,
                             "status": status, "nonce": task.removeprefix("task_")})

    def attempt(self, task, outcome, status=None, http_status=200):
        """Records an attempt that ended now, and the status after it."""
        attempts = self.tasks[task]["attempts"]
        attempts.append({"number": len(attempts) + 1, "outcome": outcome,
                         "http_status": http_status, "started_at": to_text(self.now),
                         "finished_at": to_text(self.now)})
        if status:
            self.tasks[task]["status"] = status

    def act(self, op, task, status, shown, attempts=0):
        self.request(op, status, {"id": task, "status": shown, "attempts": attempts}, task=task)

    def grant(self, task, attempt, token, lasts=10.0):
        self.request("lease", 200, {"tasks": [
            {"task_id": task, "attempt": attempt, "token": token,
             "lease_expires_at": to_text(self.now + lasts)}]}, queue="q")

    def settle(self, op, task, token, status):
        self.request(op, 200, {"results": [{"task_id": task, "status": status}]},
                     leases=[{"task_id": task, "token": token}])

    def kill(self):
        self.entries.append({"kind": "kill", "at": self.now})

    def verdict(self, **changes):
        tasks = list(self.tasks.values())
        words = ("scheduled", "queued", "completed", "failed", "canceled", "expired")
        totals = {status: sum(task["status"] == status for task in tasks) for status in words}
        return checker.check(copy.deepcopy(self.entries),
                             {"at": T + 100, "tasks": tasks, "totals": totals, **changes})


class CheckerTest(unittest.TestCase):
    def setUp(self):
        self.run_ = Run()

    def done_webhook(self, name="a"):
        task = self.run_.at(0).create(name)
        self.run_.at(1.05).attempt(task, "success", "completed")
        self.run_.arrive(task)
        return task

    def held(self, name="a"):
        """A pull task with one grant at 1 s that lasts until 11 s."""
        task = self.run_.at(0).create(name, task_type="q")
        self.run_.at(1).grant(task, 1, "t1")
        return task

    def expect(self, *names, **changes):
        verdict = self.run_.verdict(**changes)
        broken = {name for name in ("lost", "ghost", "duplicated", "undone", "early", "wrong")
                  if getattr(verdict, name)}
        self.assertEqual(broken, set(names), verdict.report())
        self.assertEqual(verdict.failed, bool(names))
        return verdict

    # -- clean runs --------------------------------------------------------------------------

    def test_a_clean_run_passes(self):
        self.done_webhook()
        far = self.run_.at(2).create("far", due=1000)
        pulled = self.held("pulled")
        self.run_.attempt(pulled, "success", "completed")
        self.run_.at(2).settle("complete", pulled, "t1", 200)
        self.run_.at(3).settle("complete", pulled, "t1", 409)
        canceled = self.run_.at(3).create("canceled", due=50)
        self.run_.act("cancel", canceled, 200, "canceled")
        self.run_.tasks[canceled]["status"] = "canceled"
        verdict = self.expect()
        self.assertEqual((verdict.acked, self.run_.tasks[far]["status"]), (4, "scheduled"))
        self.assertAlmostEqual(verdict.late[0], 0.05, places=3)

    def test_a_create_without_an_answer_may_be_there(self):
        self.run_.create("a", status=None, due=1000)
        self.run_.create("b", status=None, there=False)
        self.run_.create("c", status=503, there=False)
        self.assertEqual(self.expect().recovered, 1)

    def test_a_repeat_across_a_kill_is_allowed(self):
        task = self.run_.at(0).create("a")
        self.run_.at(1.1).attempt(task, "crashed")
        self.run_.arrive(task)
        self.run_.at(1.2).kill()
        self.run_.at(1.5).attempt(task, "success", "completed")
        self.run_.arrive(task, 2)
        self.assertEqual(len(self.expect().duplicated_allowed), 1)

    def test_a_repeat_after_a_failure_is_no_duplicate(self):
        task = self.run_.at(0).create("a", retry={"max_retries": 1})
        self.run_.at(1.1).attempt(task, "error", http_status=500)
        self.run_.arrive(task, 1, 500)
        self.run_.at(2).attempt(task, "success", "completed")
        self.run_.arrive(task, 2)
        self.assertEqual(self.expect().duplicated_allowed, [])

    def test_a_lost_lease_is_granted_again(self):
        task = self.held()
        self.run_.attempt(task, "lease_lost")
        self.run_.at(12).grant(task, 2, "t2")
        self.run_.attempt(task, "success", "completed")
        self.run_.at(13).settle("complete", task, "t1", 409)
        self.run_.settle("complete", task, "t2", 200)
        self.assertEqual(len(self.expect().duplicated_allowed), 1)

    def test_a_retry_reopens_a_failed_task(self):
        task = self.run_.at(0).create("a")
        self.run_.at(1.1).attempt(task, "error", http_status=500)
        self.run_.arrive(task, 1, 500)
        self.run_.at(2).act("get", task, 200, "failed", 1)
        self.run_.at(3).act("retry", task, 200, "queued", 1)
        self.run_.at(3.1).attempt(task, "success", "completed")
        self.run_.arrive(task, 2)
        self.expect()

    # -- planted faults ----------------------------------------------------------------------

    def test_a_lost_create(self):
        self.run_.create("a", there=False)
        self.expect("lost")

    def test_a_changed_field(self):
        task = self.run_.create("a", due=1000)
        self.run_.tasks[task]["target"] = "http://127.0.0.1:1/other"
        self.expect("lost")

    def test_a_changed_time(self):
        task = self.run_.create("a", due=1000)
        self.run_.tasks[task]["scheduled_for"] = to_text(T + 2000)
        self.expect("lost")

    def test_a_task_that_nobody_asked_for(self):
        task = self.run_.create("a", due=1000)
        self.run_.tasks["task_b"] = {**self.run_.tasks[task], "id": "task_b",
                                     "payload": {"nonce": "b"}}
        self.expect("ghost")

    def test_a_refused_create_that_is_there(self):
        self.run_.create("a", status=422, due=1000)
        self.expect("ghost")

    def test_a_delivery_of_nothing(self):
        self.run_.arrive("task_unheard")
        self.expect("ghost")

    def test_one_create_two_tasks(self):
        task = self.run_.create("a", due=1000)
        self.run_.tasks["task_b"] = {**self.run_.tasks[task], "id": "task_b"}
        self.expect("duplicated")

    def test_one_unique_id_two_answers(self):
        self.run_.create("a", due=1000)
        self.run_.entries += [
            {"kind": "request", "n": 9, "at": T, "op": "create",
             "body": {"payload": {"nonce": "a"}}},
            {"kind": "answer", "n": 9, "at": T, "status": 200, "body": {"id": "task_other"}}]
        self.expect("wrong")

    def test_a_due_task_that_never_ran(self):
        self.run_.create("a")
        self.expect("lost")

    def test_a_stuck_task(self):
        task = self.run_.create("a")
        self.run_.tasks[task]["status"] = "queued"
        self.expect("lost")

    def test_completed_without_a_delivery(self):
        task = self.run_.create("a")
        self.run_.at(1).attempt(task, "success", "completed", http_status=0)
        self.expect("lost")

    def test_an_attempt_that_never_arrived(self):
        task = self.done_webhook()
        self.run_.attempt(task, "success")
        self.expect("wrong")

    def test_an_attempt_that_is_not_recorded(self):
        task = self.done_webhook()
        self.run_.tasks[task]["attempts"][0]["outcome"] = "crashed"
        self.run_.at(1.06).kill()
        self.run_.tasks[task]["attempts"].append(
            {**self.run_.tasks[task]["attempts"][0], "number": 2, "outcome": "success"})
        self.run_.at(2).arrive(task, 2)
        self.run_.at(3).arrive(task, 3)
        self.expect("lost", "duplicated")

    def test_numbers_with_a_hole(self):
        task = self.done_webhook()
        self.run_.tasks[task]["attempts"][0]["number"] = 2
        self.expect("wrong", "lost")

    def test_a_repeat_after_success(self):
        task = self.done_webhook()
        self.run_.at(2).attempt(task, "success")
        self.run_.arrive(task, 2)
        self.expect("duplicated")

    def test_the_same_attempt_twice(self):
        task = self.done_webhook()
        self.run_.at(2).arrive(task)
        self.expect("duplicated")

    def test_a_crash_without_a_kill(self):
        task = self.run_.at(0).create("a")
        for number, outcome in ((1, "crashed"), (2, "success")):
            self.run_.at(number + 0.1).attempt(task, outcome, "completed")
            self.run_.arrive(task, number)
        self.expect("duplicated")

    def test_an_early_delivery(self):
        task = self.run_.at(0).create("a")
        self.run_.at(0.999).attempt(task, "success", "completed")
        self.run_.arrive(task)
        self.expect("early")

    def test_a_trigger_makes_it_due(self):
        task = self.run_.at(0).create("a", due=1000)
        self.run_.at(0.5).act("trigger", task, 200, "queued")
        self.run_.at(0.6).attempt(task, "success", "completed")
        self.run_.arrive(task)
        self.expect()

    def test_a_refused_trigger_does_not(self):
        task = self.run_.at(0).create("a", due=50)
        self.run_.at(0.5).act("trigger", task, 409, "queued")
        self.run_.at(0.6).attempt(task, "success", "completed")
        self.run_.arrive(task)
        self.expect("early")

    def test_a_cancel_that_is_undone(self):
        task = self.run_.at(0).create("a", due=1000)
        self.run_.act("cancel", task, 200, "canceled")
        self.expect("undone")

    def test_a_delivery_after_a_cancel(self):
        task = self.run_.at(0).create("a")
        self.run_.at(0.5).act("cancel", task, 200, "canceled")
        self.run_.at(1.1).attempt(task, "success", "canceled")
        self.run_.arrive(task)
        self.expect("undone")

    def test_canceled_by_nobody(self):
        task = self.run_.create("a", due=1000)
        self.run_.tasks[task]["status"] = "canceled"
        self.expect("lost")

    def test_an_end_that_was_seen_and_is_gone(self):
        task = self.done_webhook()
        self.run_.at(2).act("get", task, 200, "failed", 1)
        self.expect("undone")

    def test_back_to_scheduled(self):
        task = self.run_.at(0).create("a", due=1000)
        self.run_.at(1).act("get", task, 200, "queued")
        self.expect("undone")

    def test_too_many_tries(self):
        task = self.run_.at(0).create("a", retry={"max_retries": 1})
        for number in (1, 2, 3):
            self.run_.at(number).attempt(task, "error", "failed", http_status=500)
            self.run_.arrive(task, number, 500)
        self.expect("wrong")

    def test_given_up_too_soon(self):
        task = self.run_.at(0).create("a", retry={"max_retries": 3})
        self.run_.at(1.1).attempt(task, "error", "failed", http_status=500)
        self.run_.arrive(task, 1, 500)
        self.expect("lost")

    def test_expired_without_a_limit(self):
        task = self.run_.create("a")
        self.run_.tasks[task]["status"] = "expired"
        self.expect("lost")

    def test_two_holders_at_once(self):
        task = self.held()
        self.run_.attempt(task, "lease_lost")
        self.run_.at(5).grant(task, 2, "t2")
        self.run_.attempt(task, "success", "completed")
        self.run_.at(6).settle("complete", task, "t2", 200)
        self.expect("duplicated")

    def test_a_stale_token_that_is_accepted(self):
        task = self.held()
        self.run_.attempt(task, "lease_lost")
        self.run_.at(12).grant(task, 2, "t2")
        self.run_.attempt(task, "success", "completed")
        self.run_.at(13).settle("complete", task, "t1", 200)
        self.run_.settle("complete", task, "t2", 200)
        self.expect("wrong", "undone")

    def test_a_completion_that_is_forgotten(self):
        task = self.held()
        self.run_.at(2).settle("complete", task, "t1", 200)
        self.run_.attempt(task, "lease_lost")
        self.run_.at(12).grant(task, 2, "t2")
        self.run_.attempt(task, "success", "completed")
        self.run_.at(13).settle("complete", task, "t2", 200)
        self.expect("undone")

    def test_a_token_twice(self):
        task = self.held()
        self.run_.attempt(task, "lease_lost")
        self.run_.at(12).grant(task, 2, "t1")
        self.run_.attempt(task, "success", "completed")
        self.run_.at(13).settle("complete", task, "t1", 200)
        self.assertTrue(self.run_.verdict().wrong)

    def test_totals_that_disagree(self):
        self.done_webhook()
        self.expect("wrong", totals={"completed": 2})

    def test_a_leak(self):
        self.done_webhook()
        base = {"files": 20, "threads": 8, "rss_kib": 50_000}
        for name in base:
            self.expect("wrong", base=base, after={**base, name: base[name] + 10_000_000})

    # -- the journal -------------------------------------------------------------------------

    def test_a_journal_reads_back(self):
        with tempfile.TemporaryDirectory() as folder:
            record = journal.Journal(os.path.join(folder, "journal"))
            number = record.request("get", task="task_a")
            record.answer(number, 200, {"status": "queued"})
            record.delivery("task_a", 1, 200, "a")
            record.mark("kill")
            record.close()
            entries = journal.read(record.path)
        self.assertEqual([entry["kind"] for entry in entries],
                         ["request", "answer", "delivery", "kill"])
        self.assertEqual((entries[0]["op"], entries[0]["task"]), ("get", "task_a"))


if __name__ == "__main__":
    unittest.main()
