"""When the tasks of a schedule are made and run: ahead of time, one at a time, after downtime."""

import case
import schedule_case
from instants import to_seconds
from receiver import Plan


class Lead(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T13:00:00Z")

    def test_a_task_is_made_five_minutes_before_its_time(self):  # AC-111, AC-113
        made = self.make(cron="0 14 * * *",
                         task_template=self.work("/lead", payload={"key": "value"}))
        self.go("2030-03-01T13:54:59Z")
        self.assertEqual(self.tasks(made["id"]), [])
        self.go("2030-03-01T13:55:00Z")
        task, = self.tasks(made["id"])
        self.assertIn(task["status"], ("scheduled", "queued"))
        self.assertEqual(task["scheduled_for"], "2030-03-01T14:00:00Z")
        self.assertEqual(task["created_at"], "2030-03-01T13:55:00Z")
        self.assertEqual(task["schedule_id"], made["id"])
        self.assertEqual(task["triggered_by"], "schedule")
        self.assertEqual(task["target"], self.receiver.url("/lead"))
        self.assertEqual(task["payload"], {"key": "value"})
        self.go("2030-03-01T13:59:59.999Z")
        self.assert_quiet(0, "/lead")
        self.go("2030-03-01T14:00:00Z")
        call, = self.receiver.wait_for(1, "/lead")
        self.assertEqual(call.body, b'{"key": "value"}')
        self.assertEqual(call.task, task["id"])
        self.wait_status(task["id"], "completed")

    def test_a_task_made_ahead_can_be_canceled(self):
        made = self.make(cron="0 14 * * *", task_template=self.work("/gone"))
        self.go(self.schedule(made["id"])["next_execution_at"].replace("14:00", "13:58"))
        self.act(self.tasks(made["id"])[0]["id"], "cancel")
        self.server.advance(by="PT1H")
        self.assert_quiet(0, "/gone")


class End(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T12:30:00Z")

    def test_an_end_on_a_tick_is_the_last_one(self):  # AC-110
        made = self.make(cron="0 * * * *", end_at="2030-03-01T14:00:00Z",
                         task_template=self.work("/end"))
        self.go("2030-03-01T13:00:00Z")
        self.receiver.wait_for(1, "/end")
        self.wait_idle(made["id"])
        self.assertEqual(self.schedule(made["id"])["next_execution_at"], "2030-03-01T14:00:00Z")
        self.go("2030-03-01T14:00:00Z")
        self.receiver.wait_for(2, "/end")
        self.wait_idle(made["id"])
        ended = self.schedule(made["id"])
        self.assertEqual(ended["status"], "ended")
        self.assertIsNone(ended["next_execution_at"])
        self.server.advance(by="P2D")
        self.assert_quiet(2, "/end")

    def test_a_later_end_gives_it_a_new_life(self):
        made = self.make(cron="0 * * * *", end_at="2020-01-01T00:00:00Z")
        self.assertEqual(made["status"], "ended")
        changed = self.patch(made["id"], end_at=None)
        self.assertEqual(changed["status"], "active")
        self.assertTrue(changed["next_execution_at"])


class Counters(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T12:30:00Z")

    def test_tasks_are_counted_by_their_planned_times(self):  # AC-140
        made = self.make(cron="0 * * * *", task_template=self.work("/count"))
        for count, hour in enumerate((13, 14, 15), 1):
            self.go(f"2030-03-01T{hour}:00:00Z")
            self.receiver.wait_for(count, "/count")
            self.wait_idle(made["id"])
            after = self.schedule(made["id"])
            self.assertEqual((after["execution_count"], after["last_execution_at"]),
                             (count, f"2030-03-01T{hour}:00:00Z"))
            self.assertEqual(after["next_execution_at"], f"2030-03-01T{hour + 1}:00:00Z")
            self.assertEqual(after["updated_at"], made["updated_at"])


class Overlap(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T12:00:30Z")

    def test_no_second_call_begins_while_one_is_open(self):  # AC-114
        self.receiver.on("/slow", Plan(hold=True), Plan(200))
        made = self.make(cron="* * * * *", 
                         task_template=self.work("/slow", timeout="PT10M"))
        self.go("2030-03-01T12:01:00Z")
        self.receiver.wait_for(1, "/slow")
        self.go("2030-03-01T12:03:30Z")
        self.assert_quiet(1, "/slow")
        self.receiver.release()
        self.wait_idle(made["id"])
        self.assert_quiet(1, "/slow")
        self.go("2030-03-01T12:04:00Z")
        self.receiver.wait_for(2, "/slow")
        self.wait_idle(made["id"])
        self.assertEqual(self.planned(made["id"], "completed"),
                         ["2030-03-01T12:01:00Z", "2030-03-01T12:04:00Z"])
        skipped = self.tasks(made["id"], "?status=skipped")
        self.assertEqual({task["reason"] for task in skipped}, {"overlap"})
        self.assertEqual(self.planned(made["id"], "skipped"),
                         ["2030-03-01T12:02:00Z", "2030-03-01T12:03:00Z"])

    def test_no_task_runs_while_one_is_to_be_retried(self):  # AC-115
        self.receiver.on("/again", Plan(500), Plan(200))
        work = self.work("/again",
                         retry={"max_retries": 3, "backoff": "fixed", "delay": "PT2M30S"})
        made = self.make(cron="* * * * *", lead="0s", task_template=work)
        first = to_seconds(made["next_execution_at"])
        self.server.advance(to=made["next_execution_at"])
        task, = self.tasks(made["id"])
        self.wait_status(task["id"], "retrying")
        self.server.advance(by="PT2M")
        self.assert_quiet(1, "/again")
        self.server.advance(by="PT30S")
        self.receiver.wait_for(2, "/again")
        self.wait_status(task["id"], "completed")
        self.server.advance(by="PT30S")
        calls = self.receiver.wait_for(3, "/again")
        self.assertEqual([call.task == task["id"] for call in calls], [True, True, False])
        self.wait_idle(made["id"])
        self.assertEqual([to_seconds(moment) - first
                          for moment in self.planned(made["id"], "completed")], [0, 180])
        self.assertEqual([to_seconds(moment) - first
                          for moment in self.planned(made["id"], "skipped")], [60, 120])


class Downtime(schedule_case.ScheduleCase):
    """Hours without a server: the clock of the next life starts later."""

    server_settings = schedule_case.starts_at("2030-03-01T00:01:00Z")

    def sleep_until(self, moment):
        self.server.kill()
        self.server.environment = schedule_case.starts_at(moment)["environment"]
        self.server.start()

    def test_the_window_decides_what_is_caught_up(self):  # AC-118
        def made(**changes):
            queue = case.unique("missed")
            changes.setdefault("lead", "0s")
            return self.make(cron="*/15 * * * *", on_overlap="allow",
                             task_template=self.pull(queue), **changes)["id"]

        nothing = made(catch_up_window=0)
        hour = made()
        every = made(catch_up_window="PT4H")
        unbounded = made(catch_up_window=None)
        latest = made(catch_up="latest", catch_up_window="PT4H")
        few = made(catch_up_window=4 * 3600, catch_up_limit=3)
        self.sleep_until("2030-03-01T03:01:30Z")

        quarters = [f"2030-03-01T{hour:02d}:{minute:02d}:00Z"
                    for hour in range(4) for minute in (0, 15, 30, 45)][1:13]
        for schedule, wanted in ((nothing, []), (hour, quarters[-4:]), (every, quarters),
                                 (unbounded, quarters), (latest, quarters[-1:]),
                                 (few, quarters[-3:])):
            case.wait_until(lambda: self.tasks(schedule), "the gap is recorded")
            self.assertEqual(self.planned(schedule, "scheduled", "queued"), wanted)
            missed = self.tasks(schedule, "?status=skipped&limit=1000")
            self.assertEqual({task["reason"] for task in missed} - {"missed"}, set())
            unrun = sum(task.get("stands_for", {"count": 1})["count"] for task in missed)
            self.assertEqual(unrun + len(wanted), 12)
        causes = {task["triggered_by"] for task in self.tasks(every, "?limit=1000")}
        self.assertEqual(causes, {"catch_up"})


if __name__ == "__main__":
    case.main()
