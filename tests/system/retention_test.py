"""How long ended tasks are kept: keep_runs, keep_for, the server's default, DELETE."""

import case
import schedule_case


def sweeps(**settings):
    """The `server_settings` of a class that looks for old tasks every ten seconds."""
    environment = {"CARILLON_CLOCK_START": "2024-01-30T12:00:00Z",
                   "CARILLON_RETENTION_SWEEP_INTERVAL": "10s"}
    environment.update({f"CARILLON_RETENTION_{name.upper()}": value
                        for name, value in settings.items()})
    return {"environment": environment}


class RetentionCase(schedule_case.ScheduleCase):
    def make(self, **changes):
        # Calls take real time while the clock is moved: none of them is to be late.
        changes.setdefault("task_template", self.work(timeout="12h"))
        return super().make(**changes)

    def status_of(self, task_id):
        return self.server.get(f"/v1/tasks/{task_id}").status

    def total(self, query):
        return self.call("GET", f"/v1/tasks?{query}")["total"]

    def run_minutes(self, schedule_id, count):
        """One task after the other; their ids, the oldest first."""
        for _ in range(count):
            self.server.advance(by="PT1M")
            self.wait_idle(schedule_id)
        return [task["id"] for task in reversed(self.tasks(schedule_id))
                if task["status"] == "completed"]

    def wait_total(self, query, count):
        case.wait_until(lambda: self.total(query) == count, f"{count} tasks of {query}")

    def fail_one(self):
        """A pull task that has failed."""
        made = self.create(task_type="q")
        leased = self.call("POST", "/v1/queues/q/lease", {})["tasks"][0]
        self.call("POST", "/v1/leases/fail",
                  {"leases": [{"task_id": leased["task_id"], "token": leased["token"]}]})
        return made["id"]


class Rules(RetentionCase):
    server_settings = sweeps()

    def test_the_newest_runs_are_kept(self):
        made = self.make(cron="* * * * *", lead="PT0S", keep_runs=5)
        self.assertEqual(made["keep_runs"], 5)
        ids = self.run_minutes(made["id"], 5)
        self.run_minutes(made["id"], 3)
        self.command(made["id"], "pause")
        self.server.advance(by="PT20S")
        of_schedule = f"schedule_id={made['id']}"
        self.wait_total(of_schedule, 5)
        self.assertEqual(self.total(of_schedule + "&status=completed"), 5)
        self.assertEqual(len(self.tasks(made["id"])), 5)
        self.assertEqual([self.status_of(each) for each in ids], [404] * 3 + [200] * 2)
        self.assertEqual(self.schedule(made["id"])["execution_count"], 8)

    def test_tasks_go_when_they_are_old(self):
        made = self.make(cron="* * * * *", lead="PT0S", keep_for="1h")
        self.assertEqual(made["keep_for"], "PT1H")
        ids = self.run_minutes(made["id"], 2)
        self.command(made["id"], "pause")
        self.server.advance(by="PT59M50S")
        self.wait_total(f"schedule_id={made['id']}", 1)
        self.assertEqual([self.status_of(each) for each in ids], [404, 200])
        self.server.advance(by="PT2M")
        self.wait_total(f"schedule_id={made['id']}", 0)
        self.assertEqual(self.status_of(ids[1]), 404)

    def test_rules_change_and_go(self):
        made = self.make(schedule_kind="manual")
        self.assertNotIn("keep_runs", made)
        self.assertNotIn("keep_for", made)
        changed = self.patch(made["id"], keep_runs=7, keep_for="P1D")
        self.assertEqual((changed["keep_runs"], changed["keep_for"]), (7, "P1D"))
        changed = self.patch(made["id"], keep_runs=None)
        self.assertNotIn("keep_runs", changed)
        self.assertEqual(changed["keep_for"], "P1D")
        for wrong in ({"keep_runs": 0}, {"keep_runs": 1_000_001}, {"keep_runs": "5"},
                      {"keep_for": "0s"}, {"keep_for": "36526d"}, {"keep_for": 60}):
            self.patch(made["id"], expect=422, **wrong)

    def test_without_rules_all_are_kept(self):
        made = self.make(cron="* * * * *", lead="PT0S")
        ids = self.run_minutes(made["id"], 2)
        self.command(made["id"], "pause")
        marked = self.make(schedule_kind="manual", keep_for="1h",
                           task_template=self.pull("marked"))
        mark = self.command(marked["id"], "run", expect=201)["id"]
        self.call("POST", f"/v1/tasks/{mark}/cancel")
        self.server.advance(by="P400D")
        case.wait_until(lambda: self.status_of(mark) == 404, "a sweep has come by")
        self.assertEqual([self.status_of(each) for each in ids], [200, 200])


class Default(RetentionCase):
    server_settings = sweeps(keep_for="7d", keep_runs="3")

    def test_the_default_is_for_tasks_without_rules(self):
        alone = self.create(task_type="alone")["id"]
        waiting = self.create(task_type="alone")["id"]
        self.call("POST", f"/v1/tasks/{alone}/cancel")
        retried = self.fail_one()
        longer = self.make(cron="* * * * *", lead="PT0S", keep_for="30d")
        counted = self.make(cron="* * * * *", lead="PT0S")
        self.run_minutes(longer["id"], 5)
        self.wait_idle(counted["id"])
        self.command(longer["id"], "pause")
        self.command(counted["id"], "pause")
        self.server.advance(by="PT20S")
        self.wait_total(f"schedule_id={counted['id']}", 3)
        self.call("POST", f"/v1/tasks/{retried}/retry")
        self.server.advance(by="P8D")
        self.wait_total(f"schedule_id={counted['id']}", 0)
        case.wait_until(lambda: self.status_of(alone) == 404, "the old task is gone")
        self.assertEqual(self.status_of(waiting), 200)
        self.assertEqual(self.status_of(retried), 200)
        self.assertEqual(self.total(f"schedule_id={longer['id']}"), 5)


class Delete(RetentionCase):
    server_settings = sweeps()

    def delete(self, task_id):
        return self.server.client.call("DELETE", f"/v1/tasks/{task_id}")

    def test_an_ended_task_is_removed_with_all_of_it(self):
        before = self.total("task_type=gone")
        made = self.create(task_type="gone", unique_id="only-one")
        self.assertEqual(self.delete(made["id"]).status, 409)
        self.call("POST", f"/v1/tasks/{made['id']}/cancel")
        answer = self.delete(made["id"])
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual(self.status_of(made["id"]), 404)
        self.assertEqual(self.delete(made["id"]).status, 404)
        self.assertEqual(self.total("task_type=gone"), before)
        again = self.create(task_type="gone", unique_id="only-one")
        self.assertNotEqual(again["id"], made["id"])

    def test_one_of_many_removes_and_the_others_find_nothing(self):
        made = self.create(task_type="gone")
        self.call("POST", f"/v1/tasks/{made['id']}/cancel")
        statuses = case.at_once(8, lambda _: self.delete(made["id"]).status)
        self.assertEqual(sorted(statuses), [204] + [404] * 7)

    def test_what_is_removed_stays_removed_after_a_kill(self):
        made = self.create(task_type="gone")
        self.call("POST", f"/v1/tasks/{made['id']}/cancel")
        self.assertEqual(self.delete(made["id"]).status, 204)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.status_of(made["id"]), 404)
        self.assertEqual(self.delete("no-such-task").status, 404)


if __name__ == "__main__":
    case.main()
