"""What can be asked of a definition, and when it fires."""

import case
from definition_case import DefinitionCase
from instants import to_text
from schedule_case import starts_at

MORNING = "2030-03-04T07:00:00Z"  # a Monday


class Commands(DefinitionCase):
    server_settings = starts_at(MORNING)

    def test_run_now_is_one_more(self):  # AC-045
        task = self.define()["id"]
        planned = self.definition(task)["next_run_at"]
        self.server.advance(by="PT30M")
        answer = self.op(task, "run_now")
        self.assertIs(answer["success"], True)
        self.assertTrue(answer["message"])
        self.assertEqual(answer["details"]["task_id"], task)
        run = self.run_row(answer["details"]["run_id"])
        self.assertEqual((run["task_id"], run["attempt"], run["triggered_by"]), (task, 1, "api"))
        self.assertEqual(self.definition(task)["next_run_at"], planned)
        self.server.advance(to=planned)
        self.assertEqual(len(self.runs(task)), 2)
        self.assertEqual(self.planned(task)[1], planned)

    def test_a_repeated_run_names_the_first(self):  # AC-035
        task = self.define(dedupe_window_seconds=60)["id"]
        first = self.op(task, "run_now")["details"]
        self.assertIs(first["deduplicated"], False)
        self.server.advance(by="PT10S")
        again = self.op(task, "run_now")
        self.assertIn("deduplicated", again["message"])
        self.assertEqual(again["details"], {**first, "deduplicated": True})
        self.assertEqual(len(self.runs(task)), 1)
        self.server.advance(by="PT1M")
        self.assertNotEqual(self.op(task, "run_now")["details"]["run_id"], first["run_id"])
        self.assertEqual(len(self.runs(task)), 2)

    def test_a_run_that_its_own_rules_forbid_is_told(self):
        task, _ = self.pull(on_overlap="skip")
        self.op(task, "run_now")
        answer = self.op(task, "run_now")
        self.assertIs(answer["success"], False)
        self.assertIn("overlap", answer["message"])
        self.assertEqual(len(self.runs(task)), 1)

    def test_definitions_share_a_dedupe_key(self):
        one, other = (self.define(dedupe_key=key, dedupe_window_seconds=60)["id"]
                      for key in [case.unique()] * 2)
        first = self.op(one, "run_now")["details"]
        self.assertEqual(self.op(other, "run_now")["details"],
                         {"task_id": other, "run_id": first["run_id"], "deduplicated": True})
        self.assertEqual(self.runs(other), [])

    def test_what_is_not_active_does_not_run(self):  # AC-046, AC-049
        for verb, status in (("pause", "paused"), ("cancel", "canceled")):
            task = self.define()["id"]
            self.op(task, verb)
            for asked, body in (("run_now", None), ("snooze", {"delay_seconds": 60})):
                with self.subTest(status=status, asked=asked):
                    problem = self.refused(409, path=f"/tasks/{task}/{asked}", body=body)
                    self.assertIn(status, problem["detail"])
            self.assertEqual(self.runs(task), [])

    def test_pause_and_resume_can_be_repeated(self):
        task = self.define()["id"]
        for verb, status in (("pause", "paused"), ("pause", "paused"), ("resume", "active"),
                             ("resume", "active")):
            answer = self.op(task, verb)
            self.assertIs(answer["success"], True)
            self.assertEqual((answer["details"]["task_id"], answer["details"]["status"]),
                             (task, status))
            self.assertEqual(self.definition(task)["status"], status)

    def test_a_paused_definition_makes_no_runs(self):  # AC-050
        task = self.define()["id"]
        run = self.op(task, "run_now")["details"]["run_id"]
        self.op(task, "pause")
        self.server.advance(by="P3D")
        self.assertEqual([row["id"] for row in self.runs(task)], [run])
        self.op(task, "resume")
        self.assertEqual([row["id"] for row in self.runs(task)], [run], "it owes nothing")

    def test_a_run_in_progress_survives_a_pause(self):  # AC-050
        task, queue = self.pull()
        self.op(task, "run_now")
        held = self.lease(queue, lease="PT1H")[0]
        self.op(task, "pause")
        self.complete(held)
        self.assertIs(self.runs(task)[0]["success"], True)

    def test_cancel_is_final(self):  # AC-052
        task = self.define()["id"]
        self.assertEqual(self.op(task, "cancel")["details"]["status"], "canceled")
        before = self.definition(task)
        for verb in ("resume", "pause", "run_now", "snooze"):
            self.refused(409, path=f"/tasks/{task}/{verb}",
                         body={"delay_seconds": 60} if verb == "snooze" else None)
        for change in ({"title": "x"}, {"priority": 1}, {"schedule_expr": "0 9 * * *"}):
            self.refused(409, method="PUT", path=f"/tasks/{task}", body=change)
        self.assertEqual(self.op(task, "cancel")["details"]["status"], "canceled")
        self.server.advance(by="P2D")
        self.assertEqual(self.definition(task), before)
        self.assertEqual(self.runs(task), [])

    def test_cancel_lets_what_runs_end(self):  # AC-053
        task, queue = self.pull()
        self.op(task, "run_now")
        held = self.lease(queue, lease="PT1H")[0]
        waiting = self.op(task, "run_now")["details"]["run_id"]
        self.op(task, "cancel")
        self.complete(held)
        self.assertEqual(self.lease(queue), [])
        rows = {row["id"]: row for row in self.runs(task)}
        self.assertEqual((rows[waiting]["status"], rows[waiting]["started_at"]), ("canceled", None))
        self.assertEqual({row["status"] for row in rows.values()}, {"canceled", "completed"})


class Snoozes(DefinitionCase):
    server_settings = starts_at(MORNING)

    def test_only_the_next_moment_moves(self):
        task = self.define()["id"]
        due = self.next_run(task)
        answer = self.op(task, "snooze", {"delay_seconds": 600, "reason": "busy"})["details"]
        self.assertEqual(answer, {"task_id": task, "status": "active", "reason": "busy",
                                  "next_run_at": to_text(due + 600).replace(".000", "")})
        self.assertEqual(self.next_run(task), due + 600)
        self.server.advance(to=to_text(due + 599))
        self.assertEqual(self.runs(task), [])
        self.server.advance(to=to_text(due + 600))
        self.assertEqual(len(self.runs(task)), 1)
        self.assertEqual(self.next_run(task), due + 86400)

    def test_delays_are_whole_seconds_up_to_a_week(self):  # AC-048
        task = self.define()["id"]
        self.op(task, "snooze", {"delay_seconds": 604800})
        for delay in (604801, 0, -1, 1.5, "60", None):
            with self.subTest(delay):
                self.refused(422, "body.delay_seconds", path=f"/tasks/{task}/snooze",
                             body={"delay_seconds": delay})
        self.refused(422, "body.delay_seconds", path=f"/tasks/{task}/snooze")
        self.refused(422, "body.reason", path=f"/tasks/{task}/snooze",
                     body={"delay_seconds": 1, "reason": "x" * 201})
        self.refused(422, "body.foo", path=f"/tasks/{task}/snooze",
                     body={"delay_seconds": 1, "foo": 1})

    def test_it_survives_a_crash(self):  # AC-049
        task = self.define()["id"]
        due = self.next_run(task)
        self.op(task, "snooze", {"delay_seconds": 600})
        self.server.restart()
        self.assertEqual(self.next_run(task), due + 600)
        self.server.advance(to=to_text(due + 599))
        self.assertEqual(self.runs(task), [])
        self.server.advance(by="PT1S")
        self.assertEqual(len(self.runs(task)), 1)


class Firing(DefinitionCase):
    server_settings = starts_at("2025-09-01T00:00:00Z")

    def test_a_new_definition_fires_without_a_restart(self):  # AC-044
        task = self.define(schedule_expr="*/5 * * * *")["id"]
        self.server.advance(by="PT5M")
        self.assertEqual(len(self.runs(task)), 1)
        self.op(task, "cancel")

    def test_a_change_of_the_rule_takes_effect_at_once(self):  # AC-042
        self.server.advance(to=to_text(self.server.now() // 86400 * 86400 + 86400))
        task = self.define()["id"]
        due = self.next_run(task)
        changed = self.put(task, schedule_expr="30 8 * * *", dedupe_key="k",
                           dedupe_window_seconds=60)
        self.assertEqual(self.next_run(task), due + 1800)
        self.assertEqual((changed["dedupe_key"], changed["dedupe_window_seconds"]), ("k", 60))
        self.server.advance(to=to_text(due + 1))
        self.assertEqual(self.runs(task), [])
        self.server.advance(to=to_text(due + 1800))
        self.assertEqual(len(self.runs(task)), 1)
        self.op(task, "cancel")

    def test_once_is_once(self):  # AC-058
        expressions = ("2030-12-25T09:00:00+02:00", "2030-12-25T09:00:00")
        tasks = [self.define(schedule_kind="once", schedule_expr=expr,
                             timezone="Europe/Chisinau") for expr in expressions]
        for task in tasks:
            self.assertEqual(task["next_run_at"], "2030-12-25T07:00:00Z")

    def test_days_of_the_week(self):  # AC-059
        next_days = {}
        for day in ("0", "1", "7", "SUN"):
            next_run = self.next_run(self.define(schedule_expr=f"0 8 * * {day}")["id"])
            next_days[day] = int(next_run // 86400 + 4) % 7  # 1970 began on a Thursday
        self.assertEqual(next_days, {"0": 0, "1": 1, "7": 0, "SUN": 0})


class Rules(DefinitionCase):
    server_settings = starts_at("2025-09-01T00:00:00Z")

    def test_a_rule_of_months_follows_the_wall_clock(self):  # AC-054
        task = self.define(schedule_kind="rrule", timezone="Europe/Chisinau", schedule_expr=(
            "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1;BYHOUR=17;BYMINUTE=0;BYSECOND=0"))["id"]
        self.server.advance(to="2025-12-01T00:00:00Z")
        self.assertEqual(self.planned(task), ["2025-09-26T14:00:00Z", "2025-10-31T15:00:00Z",
                                              "2025-11-28T15:00:00Z"])

    def test_a_count_ends_it(self):  # AC-056
        task = self.define(schedule_kind="rrule", schedule_expr=(
            "FREQ=DAILY;COUNT=3;BYHOUR=8;BYMINUTE=0;BYSECOND=0"))["id"]
        self.server.advance(by="P2D")
        self.server.restart()
        self.server.advance(by="P10D")
        self.server.restart()
        self.server.advance(by="P10D")
        self.assertEqual(len(self.planned(task)), 3)
        shown = self.definition(task)
        self.assertEqual((shown["status"], shown["next_run_at"]), ("completed", None))
        self.refused(409, path=f"/tasks/{task}/run_now")


if __name__ == "__main__":
    case.main()
