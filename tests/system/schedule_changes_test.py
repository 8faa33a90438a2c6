"""Changing a schedule: PATCH, pause and resume, snooze, run, backfill, cancel."""

import case
import schedule_case
from instants import to_seconds
from receiver import Plan


class Patch(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2024-01-30T12:00:00Z")

    def test_only_what_is_sent_changes(self):  # AC-122
        made = self.make(name="before", timezone="America/New_York")
        self.server.advance(by="PT1M")
        changed = self.patch(made["id"], cron="0 */4 * * *", end_at="2024-06-30T23:59:59Z")
        self.assertEqual(changed["cron"], "0 */4 * * *")
        self.assertEqual(changed["end_at"], "2024-06-30T23:59:59Z")
        self.assertEqual(changed["next_execution_at"], "2024-01-30T13:00:00Z")  # 08:00 there
        self.assertEqual(to_seconds(changed["updated_at"]), self.server.now())
        self.assert_later(changed["updated_at"], made["updated_at"])
        for name in set(made) - {"cron", "schedule_expr", "end_at", "next_execution_at",
                                 "updated_at"}:
            self.assertEqual(changed[name], made[name], name)
        self.assertEqual(self.schedule(made["id"]), changed)

    def test_several_things_change_at_once(self):  # AC-122
        made = self.make()
        changed = self.patch(made["id"], enabled=False, end_at="2024-06-30T23:59:59Z",
                             cron="0 */4 * * *")
        self.assertEqual((changed["status"], changed["enabled"]), ("disabled", False))
        self.assertEqual(changed["cron"], "0 */4 * * *")
        self.assertIsNone(changed["next_execution_at"])
        again = self.patch(made["id"], enabled=True)
        self.assertEqual(again["status"], "active")
        self.assertTrue(again["next_execution_at"])

    def test_nothing_sent_changes_nothing(self):
        made = self.make()
        self.server.advance(by="PT1S")
        self.assertEqual(self.patch(made["id"]), made)

    def test_null_gives_the_default(self):
        made = self.make(name="n", end_at="2030-01-01T00:00:00Z", lead="PT1M", catch_up="skip",
                         parallelism=7, dst={"gap": "skip"}, dedupe_key="k",
                         timezone="Europe/Berlin")
        plain = self.make()
        changed = self.patch(made["id"], name=None, end_at=None, lead=None, catch_up=None,
                             parallelism=None, dst=None, dedupe_key=None, timezone=None)
        same = set(plain) - {"id", "created_at", "updated_at"}
        self.assertEqual({name: changed[name] for name in same},
                         {name: plain[name] for name in same})
        self.assertIsNone(self.patch(made["id"], catch_up_window=None)["catch_up_window"])

    def test_fields_of_the_template_change_one_by_one(self):
        made = self.make(task_template=self.work(tags=["a"], priority=2, concurrency_key="k"))
        changed = self.patch(made["id"], task_template={"payload": {"n": 2}, "priority": None,
                                                        "concurrency_limit": 4})
        wanted = {**made["task_template"], "payload": {"n": 2}, "priority": 5,
                  "concurrency_limit": 4}
        self.assertEqual(changed["task_template"], wanted)
        pulled = self.patch(made["id"], task_template={"target": None, "task_type": "t",
                                                       "concurrency_key": None})
        self.assertIsNone(pulled["task_template"]["target"])
        self.assertNotIn("concurrency_limit", pulled["task_template"])

    def test_another_kind_of_rule(self):
        made = self.make()
        rule = self.patch(made["id"], schedule_kind="rrule", schedule_expr="FREQ=DAILY;BYHOUR=6")
        self.assertEqual((rule["schedule_kind"], rule["cron"]), ("rrule", None))
        self.assertEqual(self.patch(made["id"], schedule_expr="FREQ=DAILY;BYHOUR=7")
                         ["next_execution_at"], "2024-01-31T07:00:00Z")
        cron = self.patch(made["id"], cron="0 8 * * *")
        self.assertEqual((cron["schedule_kind"], cron["cron"]), ("cron", "0 8 * * *"))
        manual = self.patch(made["id"], schedule_kind="manual")
        self.assertEqual((manual["schedule_kind"], manual["schedule_expr"]), ("manual", None))
        self.assertIsNone(manual["next_execution_at"])

    def test_what_is_wrong_changes_nothing_at_all(self):  # AC-125
        made = self.make()
        for changes, locations in (
                ({"cron": "bad", "enabled": False}, ["cron"]),
                ({"execution_count": 99, "id": "schedule_x"}, ["execution_count", "id"]),
                ({"created_at": made["created_at"], "name": "x"}, ["created_at"]),
                ({"status": "active"}, ["status"]), ({"created_by": None}, ["created_by"]),
                ({"name": "x", "colour": 1}, ["colour"]), ({"cron": None}, ["cron"]),
                ({"timezone": "Mars/Olympus", "name": 5}, ["timezone", "name"]),
                ({"end_at": "2020-01-01T00:00:00Z", "start_at": "2021-01-01T00:00:00Z"},
                 ["end_at"]),
                ({"schedule_kind": "rrule"}, ["schedule_expr"]),
                ({"task_template": None}, ["task_template"]),
                ({"task_template": {"target": None}}, ["task_template.target"])):
            with self.subTest(changes):
                answer = self.server.client.call("PATCH", f"/v1/schedules/{made['id']}", changes)
                self.assert_problem(answer, 422, *(f"body.{name}" for name in locations))
                self.assertEqual(self.schedule(made["id"]), made)
        answer = self.server.client.call("PATCH", f"/v1/schedules/{made['id']}", b"{")
        self.assert_problem(answer, 400)


class Restart(schedule_case.ScheduleCase):
    def test_a_change_outlives_the_server(self):
        made = self.make()
        changed = self.patch(made["id"], name="kept", cron="0 10 * * *", parallelism=3)
        self.server.restart()
        self.assertEqual(self.schedule(made["id"]), changed)


class EnabledFalse(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T13:50:00Z")

    def test_what_was_made_runs_and_nothing_else_until_it_is_enabled_again(self):  # AC-124
        made = self.make(cron="0 * * * *", task_template=self.work("/off"))
        self.go("2030-03-01T13:57:00Z")
        self.assertFalse(self.patch(made["id"], enabled=False)["enabled"])
        self.go("2030-03-01T14:00:00Z")
        self.receiver.wait_for(1, "/off")
        self.wait_idle(made["id"])
        self.go("2030-03-01T17:30:00Z")
        self.assertEqual(self.planned(made["id"], "completed"), ["2030-03-01T14:00:00Z"])
        enabled = self.patch(made["id"], enabled=True)
        self.assertEqual(enabled["next_execution_at"], "2030-03-01T18:00:00Z")
        self.assert_quiet(1, "/off")
        self.go("2030-03-01T18:00:00Z")
        self.receiver.wait_for(2, "/off")
        self.wait_idle(made["id"])
        self.assertEqual(self.planned(made["id"], "completed"),
                         ["2030-03-01T14:00:00Z", "2030-03-01T18:00:00Z"])
        for task in self.tasks(made["id"], "?status=skipped"):
            self.assertEqual(task["reason"], "paused")


class Commands(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T13:50:00Z")

    def test_pause_and_resume_are_repeatable(self):
        made = self.make()
        for name, status in (("pause", "disabled"), ("pause", "disabled"), ("resume", "active"),
                             ("resume", "active")):
            self.assertEqual(self.command(made["id"], name)["status"], status)
        self.assertEqual(self.command(made["id"], "cancel")["status"], "canceled")
        self.assertEqual(self.command(made["id"], "cancel")["status"], "canceled")
        self.command(made["id"], "resume", expect=409)

    def test_a_paused_one_is_not_run_and_not_snoozed(self):
        made = self.make(enabled=False)
        self.command(made["id"], "run", expect=409)
        self.command(made["id"], "snooze", {"delay": "1m"}, expect=409)

    def test_run_makes_one_task_more(self):
        made = self.make(cron="0 18 * * *", task_template=self.work("/run"))
        task = self.command(made["id"], "run", expect=201)
        self.assertEqual((task["schedule_id"], task["triggered_by"]), (made["id"], "api"))
        self.receiver.wait_for(1, "/run")
        self.wait_status(task["id"], "completed")
        after = self.schedule(made["id"])
        self.assertEqual(after["execution_count"], 1)
        self.assertEqual(after["next_execution_at"], made["next_execution_at"])

    def test_run_while_one_is_open_is_told_in_the_status(self):
        self.receiver.on("/held", Plan(hold=True))
        made = self.make(schedule_kind="manual", task_template=self.work("/held"))
        self.command(made["id"], "run", expect=201)
        self.receiver.wait_for(1, "/held")
        second = self.command(made["id"], "run", expect=201)
        self.assertEqual((second["status"], second["reason"]), ("skipped", "overlap"))
        self.receiver.release()
        self.wait_idle(made["id"])

    def test_a_repeated_run_is_deduplicated(self):
        made = self.make(schedule_kind="manual", dedupe_window_seconds=60,
                         task_template=self.work("/same"))
        first = self.command(made["id"], "run", expect=201)
        self.wait_status(first["id"], "completed")
        second = self.command(made["id"], "run", expect=201)
        self.assertEqual((second["status"], second["reason"]), ("skipped", "deduplicated"))
        self.assertEqual(second["because_of"], first["id"])
        self.assert_quiet(1, "/same")

    def test_snooze_moves_the_next_moment_alone(self):
        made = self.make(cron="0 9 * * *")  # 2030-03-02T09:00
        moved = self.command(made["id"], "snooze", {"delay": "PT30M"})
        self.assertEqual(moved["next_execution_at"], "2030-03-02T09:30:00Z")
        again = self.command(made["id"], "snooze", {"delay_seconds": 600})
        self.assertEqual(again["next_execution_at"], "2030-03-02T09:40:00Z")
        self.assertEqual(self.upcoming(made["id"], "?start_from=2030-03-02T10:00:00Z&limit=1"),
                         ["2030-03-03T09:00:00Z"])

    def test_a_wrong_snooze_is_refused(self):
        made = self.make()
        for body, location in (({}, "body"), ({"delay": "1m", "delay_seconds": 60}, "body"),
                               ({"delay": "P8D"}, "body.delay"), ({"delay": "0s"}, "body.delay"),
                               ({"delay_seconds": 604801}, "body.delay_seconds"),
                               ({"delay": "1m", "why": "x"}, "body.why")):
            with self.subTest(body):
                answer = self.server.post(f"/v1/schedules/{made['id']}/snooze", body)
                self.assert_problem(answer, 422, location)
        self.assertEqual(self.schedule(made["id"]), made)


class Backfill(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T12:30:00Z")

    def test_only_what_has_no_record_is_made(self):
        queue = case.unique("back")
        made = self.make(cron="0 * * * *", on_overlap="allow", task_template=self.pull(queue))
        wanted = {"from": "2030-03-01T08:00:00Z", "to": "2030-03-01T12:00:00Z"}
        dry = self.command(made["id"], "backfill", {**wanted, "dry_run": True})
        self.assertEqual(dry, {"count": 5, "dry_run": True, "tasks": []})
        self.assertEqual(self.tasks(made["id"]), [])
        done = self.command(made["id"], "backfill", wanted)
        self.assertEqual((done["count"], done["dry_run"]), (5, False))
        self.assertEqual({task["id"] for task in self.tasks(made["id"])}, set(done["tasks"]))
        self.assertEqual({task["triggered_by"] for task in self.tasks(made["id"])}, {"backfill"})
        self.assertEqual(self.planned(made["id"]),
                         [f"2030-03-01T{hour:02d}:00:00Z" for hour in range(8, 13)])
        self.assertEqual(self.command(made["id"], "backfill", wanted)["count"], 0)

    def test_a_wrong_range_is_refused(self):
        made = self.make()
        for body, location in (({}, "body.from"), ({"from": "2030-01-01T00:00:00Z"}, "body.to"),
                               ({"from": "2030-01-02T00:00:00Z", "to": "2030-01-01T00:00:00Z"},
                                "body.to")):
            with self.subTest(body):
                answer = self.server.post(f"/v1/schedules/{made['id']}/backfill", body)
                self.assert_problem(answer, 422, location)


if __name__ == "__main__":
    case.main()
