"""Definitions whose pipelines this server runs: retries, limits, order, events."""

import json

import case
from definition_case import ECHO, FAIL, DefinitionCase
from receiver import Plan


class Running(DefinitionCase):
    def request(self, path="/job"):
        return {"pipeline": [{"id": "call", "uses": "http.request",
                              "with": {"method": "POST", "url": self.receiver.url(path)}}]}

    def start(self, **changes):
        """A definition that nothing but this runs, and the id of its run."""
        changes = {"schedule_kind": "manual", "schedule_expr": ..., **changes}
        task = self.define(**changes)["id"]
        return task, self.op(task, "run_now")["details"]["run_id"]

    def finish(self, task, attempts):
        """Lets time pass until that many attempts have ended."""
        for count in range(1, attempts + 1):
            self.wait_runs(task, count)
            self.server.advance(by="PT2M")
        return self.runs(task, "&include_errors=true")


class Outcomes(Running):
    def test_an_empty_pipeline_succeeds(self):  # AC-061
        _, run = self.start()
        self.assertIs(self.wait_run(run, "completed", "failed")["success"], True)

    def test_a_step_that_fails_uses_up_all_attempts(self):  # AC-032, AC-067
        task, _ = self.start(payload={"pipeline": FAIL})
        rows = self.finish(task, 4)
        self.assertEqual([row["attempt"] for row in rows], [4, 3, 2, 1])
        self.assertEqual([row["success"] for row in rows], [False] * 4)
        self.assertTrue(all(row["error"] for row in rows), rows)
        self.assertEqual([row["error"] for row in self.runs(task)], [None] * 4)
        self.assertEqual(self.call("GET", f"/runs/task/{task}/latest")["attempt"], 4)
        self.assertEqual(self.definition(task)["status"], "active")

    def test_no_retries_is_one_attempt(self):  # AC-033
        task, _ = self.start(payload={"pipeline": FAIL}, max_retries=0)
        self.assertEqual(len(self.finish(task, 1)), 1)

    def test_a_success_ends_the_attempts(self):  # AC-033
        self.receiver.on("/flaky", Plan(500), Plan(500), Plan(200))
        task, _ = self.start(payload=self.request("/flaky"))
        rows = self.finish(task, 3)
        self.assertEqual([row["success"] for row in rows], [True, False, False])
        self.assert_quiet(3, "/flaky")

    def test_the_pipeline_reads_the_event(self):  # AC-060
        topic = case.unique("email")
        steps = [{**ECHO[0], "with": {"from": "${event.from}"}}]
        task = self.define(schedule_kind="event", schedule_expr=topic,
                           payload={"pipeline": steps})["id"]
        self.call("POST", "/events", {"topic": topic, "payload": {"from": "a@b"}}, expect=202)
        run = self.wait_runs(task, 1)[0]
        self.assertIs(run["success"], True)
        self.assertIn("a@b", json.dumps(run["output"]))


class Limits(Running):
    def test_a_key_keeps_runs_apart(self):  # AC-037
        self.receiver.on("/held", Plan(hold=True))
        self.receiver.on("/free", Plan())
        key = case.unique("db")
        for _ in range(2):
            self.start(payload=self.request("/held"), concurrency_key=key)
        self.receiver.wait_for(1, "/held")
        other, _ = self.start(payload=self.request("/free"), concurrency_key=case.unique())
        self.wait_runs(other, 1)
        self.assert_quiet(1, "/held")
        self.receiver.release()
        self.receiver.wait_for(2, "/held")

    def test_the_best_priority_goes_first(self):  # AC-031
        self.receiver.on("/busy", Plan(hold=True))
        key = case.unique("slot")
        self.start(payload=self.request("/busy"), concurrency_key=key)
        self.receiver.wait_for(1, "/busy")
        paths = [f"/{place}-{priority}" for place, priority in enumerate((9, 5, 1, 5))]
        for path in paths:
            self.start(payload=self.request(path), concurrency_key=key,
                       priority=int(path.split("-")[1]))
        self.receiver.release()
        calls = [call.path for call in self.receiver.wait_for(5)]
        self.assertEqual(calls[1:], [paths[2], paths[1], paths[3], paths[0]])

    def test_a_crash_ends_the_call_and_not_the_run(self):  # AC-065
        self.receiver.on("/slow", Plan(hold=True), Plan())
        task, run = self.start(payload=self.request("/slow"))
        self.receiver.wait_for(1, "/slow")
        self.server.restart()
        self.receiver.wait_for(2, "/slow")
        self.assertEqual([row["success"] for row in self.wait_runs(task, 1)], [True])
        calls = [each for each in self.call("GET", "/v1/tasks")["tasks"]
                 if each.get("parent_id") == f"task_{run}"]
        self.assertEqual([tried["outcome"] for tried in calls[0]["attempts"]],
                         ["crashed", "success"])


if __name__ == "__main__":
    case.main()
