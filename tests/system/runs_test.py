"""/runs: the attempts of definitions, their order, filters and sums."""

import case
from definition_case import DefinitionCase
from instants import to_seconds, to_text


class Leased(DefinitionCase):
    """Definitions whose runs this test carries out itself, as a worker."""

    def attempt(self, queue, action, **fields):
        """Leases the one run that waits, lets ten seconds pass and settles it."""
        held = self.lease(queue, lease="PT1H", wait="PT5S", worker="w7")[0]
        self.server.advance(by="PT10S")
        self.settle(action, {"task_id": held["task_id"], "token": held["token"], **fields})
        return held

    def failing(self):
        """A definition with one retry whose run has failed twice."""
        task, queue = self.pull()
        self.put(task, max_retries=1, backoff_strategy="fixed")
        self.op(task, "run_now")
        self.attempt(queue, "fail", error="first")
        self.server.advance(by="PT1M")
        self.attempt(queue, "fail", error="second")
        return task

    def succeeding(self, result=None):
        task, queue = self.pull()
        self.op(task, "run_now")
        self.attempt(queue, "complete", result=result)
        return task


class Rows(Leased):
    def test_a_run_that_waits_is_a_row(self):
        task, _ = self.pull()
        run_id = self.op(task, "run_now")["details"]["run_id"]
        run = self.run_row(run_id)
        self.assertEqual(self.runs(task), [run])
        wanted = {"id": run_id, "task_id": task, "attempt": 1, "status": "queued",
                  "lease_owner": None, "leased_until": None, "started_at": None,
                  "finished_at": None, "success": None, "error": None, "output": None}
        self.assertEqual({name: run[name] for name in wanted}, wanted)

    def test_a_run_under_way_names_its_worker(self):
        task, queue = self.pull()
        self.op(task, "run_now")
        held = self.lease(queue, lease="PT1H", worker="w7")[0]
        run = self.runs(task)[0]
        self.assertEqual((run["lease_owner"], run["leased_until"], run["success"], run["status"]),
                         ("w7", held["lease_expires_at"], None, "processing"))

    def test_a_run_that_succeeded_has_its_output(self):
        run = self.runs(self.succeeding({"sent": 17}))[0]
        self.assertEqual((run["success"], run["status"], run["output"], run["leased_until"]),
                         (True, "completed", {"sent": 17}, None))
        self.assertEqual(to_seconds(run["finished_at"]) - to_seconds(run["started_at"]), 10)

    def test_each_attempt_is_a_row_newest_first(self):
        task = self.failing()
        rows = self.runs(task)
        self.assertEqual([row["attempt"] for row in rows], [2, 1])
        self.assertEqual([row["success"] for row in rows], [False, False])
        self.assertEqual([row["error"] for row in rows], [None, None])
        self.assertEqual([row["error"] for row in self.runs(task, "&include_errors=true")],
                         ["second", "first"])
        self.assertEqual(len({row["id"] for row in rows}), 2)
        for row in rows:
            found = self.run_row(row["id"])
            self.assertTrue(found.pop("error"))
            row.pop("error")
            self.assertEqual(found, row)

    def test_what_is_no_run_is_not_found(self):
        task = self.failing()
        one_off = self.create(task_type="x", execute_after="PT1H")["id"].removeprefix("task_")
        first = self.runs(task)[1]["id"]
        third = first[:-2] + f"{int(first[-2:], 16) ^ 0x80:02x}"  # attempts are counted there
        for run in (task, one_off, third, "abc", "00000000-0000-0000-0000-00000000dead"):
            with self.subTest(run):
                self.refused(404, method="GET", path=f"/runs/{run}")

    def test_the_latest(self):  # AC-067
        task = self.failing()
        latest = self.call("GET", f"/runs/task/{task}/latest")
        self.assertEqual((latest["attempt"], latest["error"]), (2, "second"))
        never, _ = self.pull()
        self.assertIsNone(self.call("GET", f"/runs/task/{never}/latest"))
        self.op(never, "snooze", {"delay_seconds": 60})
        self.assertIsNone(self.call("GET", f"/runs/task/{never}/latest"), "it is not due yet")
        self.refused(404, method="GET",
                     path="/runs/task/00000000-0000-0000-0000-00000000dead/latest")


class Lists(Leased):
    def test_filters(self):
        good, bad = self.succeeding(), self.failing()
        waiting, _ = self.pull()
        self.op(waiting, "run_now")

        def listed(query):
            page = self.call("GET", f"/runs?limit=200&{query}")
            self.assertEqual(page["total"], len(page["items"]))
            return [run["task_id"] for run in page["items"]]

        self.assertEqual(listed("success=true"), [good])
        self.assertEqual(listed("success=false"), [bad, bad])
        self.assertEqual(listed(f"success=true&task_id={bad}"), [])
        self.assertEqual(listed(""), [waiting, bad, bad, good])
        first, second = (to_seconds(run["started_at"]) for run in reversed(self.runs(bad)))
        self.assertEqual(listed(f"task_id={bad}&start_time={to_text(second)}"), [bad])
        self.assertEqual(listed(f"task_id={bad}&end_time={to_text(first)}"), [bad])
        self.assertEqual(listed(f"task_id={bad}&start_time={to_text(first + 1)}"
                                f"&end_time={to_text(second - 1)}"), [])
        self.assertEqual(listed("task_id=00000000-0000-0000-0000-00000000dead"), [])

    def test_what_is_out_of_bounds_is_refused(self):
        for query in ("limit=201", "limit=0", "offset=-1", "task_id=me", "success=maybe",
                      "include_errors=2", "start_time=yesterday", "end_time=x", "foo=1"):
            with self.subTest(query):
                self.assert_problem(self.server.get(f"/runs?{query}"), 422,
                                    f"query.{query.split('=')[0]}")


class Pages(DefinitionCase):
    def test_a_walk_passes_the_pages_of_the_store(self):
        tasks = [self.define()["id"] for _ in range(5)]
        made = [self.op(task, "run_now")["details"]["run_id"]
                for _ in range(90) for task in tasks]
        seen = []
        while True:
            page = self.call("GET", f"/runs?limit=200&offset={len(seen)}")
            seen += [run["id"] for run in page["items"]]
            if not page["has_more"]:
                break
        self.assertEqual(seen, list(reversed(made)))
        self.assertEqual(page["total"], 450)


class Sums(Leased):
    def test_the_sums_of_a_definition(self):
        task = self.failing()
        self.op(task, "run_now")
        sums = self.call("GET", f"/runs/task/{task}/stats")
        by_status = {"queued": 1, "processing": 0, "completed": 0, "failed": 2, "canceled": 0,
                     "expired": 0}
        self.assertEqual(sums, {
            "task_id": task, "days": 30, "total_runs": 3, "successful_runs": 0, "failed_runs": 2,
            "running_runs": 0, "runs_by_status": by_status, "success_rate": 0,
            "average_duration_seconds": 10,
            "last_run_at": self.runs(task, "&success=false")[0]["started_at"]})

    def test_a_definition_that_never_ran_has_no_rate(self):
        task, _ = self.pull()
        sums = self.call("GET", f"/runs/task/{task}/stats?days=7")
        self.assertEqual((sums["days"], sums["total_runs"], sums["success_rate"],
                          sums["average_duration_seconds"], sums["last_run_at"]),
                         (7, 0, None, None, None))

    def test_only_the_days_asked_for_count(self):
        task = self.succeeding()
        self.op(task, "cancel")
        self.server.advance(by="P3D")
        stats = f"/runs/task/{task}/stats"
        self.assertEqual(self.call("GET", f"{stats}?days=4")["total_runs"], 1)
        self.assertEqual(self.call("GET", f"{stats}?days=2")["total_runs"], 0)

    def test_bounds(self):
        task, _ = self.pull()
        for path in (f"/runs/task/{task}/stats", "/runs/stats/summary"):
            for query in ("days=0", "days=366", "days=x", "foo=1"):
                with self.subTest(path + query):
                    self.refused(422, f"query.{query.split('=')[0]}", method="GET",
                                 path=f"{path}?{query}")
        self.refused(404, method="GET",
                     path="/runs/task/00000000-0000-0000-0000-00000000dead/stats")


class Summary(Leased):
    def test_the_sums_of_all(self):
        self.succeeding()
        self.failing()
        sums = self.call("GET", "/runs/stats/summary?days=1")
        self.assertEqual((sums["total_runs"], sums["successful_runs"], sums["failed_runs"]),
                         (3, 1, 2))
        self.assertAlmostEqual(sums["success_rate"], 1 / 3)
        self.assertNotIn("task_id", sums)


if __name__ == "__main__":
    case.main()
