"""What will fire and what did: /v1/schedules/{id}/preview and /explain, /v1/preview."""

import case
import schedule_case


class Preview(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T12:30:00Z")

    def test_the_limit(self):  # AC-130
        made = self.make(cron="0 * * * *")
        before = self.call("GET", "/v1/tasks?limit=1")["total"]
        self.assertEqual(len(self.preview(made["id"])["executions"]), 10)
        self.assertEqual(len(self.preview(made["id"], "?limit=100")["executions"]), 100)
        for wrong in ("limit=101", "limit=0", "start_from=soon", "colour=1"):
            answer = self.server.get(f"/v1/schedules/{made['id']}/preview?{wrong}")
            self.assert_problem(answer, 422, f"query.{wrong.split('=')[0]}")
        self.assertEqual(self.call("GET", "/v1/tasks?limit=1")["total"], before)
        self.assertEqual(self.schedule(made["id"]), made)

    def test_times_are_local_with_their_offset(self):
        made = self.make(timezone="Europe/Berlin")
        shown = self.preview(made["id"], "?limit=2&start_from=2030-03-30T08:00:00Z")
        self.assertEqual(shown["schedule_id"], made["id"])
        self.assertEqual(shown["timezone"], "Europe/Berlin")
        self.assertEqual(shown["executions"],
                         ["2030-03-31T09:00:00+02:00", "2030-04-01T09:00:00+02:00"])
        self.assertEqual(shown["moments"][0],
                         {"at": "2030-03-31T07:00:00Z", "local": "2030-03-31T09:00:00+02:00"})

    def test_it_begins_strictly_after(self):
        made = self.make()
        self.assertEqual(self.upcoming(made["id"], "?limit=1&start_from=2030-05-01T09:00:00Z"),
                         ["2030-05-02T09:00:00Z"])

    def test_it_stays_within_the_window(self):  # AC-131
        made = self.make(start_at="2030-03-05T09:00:00Z", end_at="2030-03-07T09:00:00Z")
        self.assertEqual(self.upcoming(made["id"]),
                         [f"2030-03-0{day}T09:00:00Z" for day in (5, 6, 7)])
        self.assertEqual(self.upcoming(made["id"], "?start_from=2030-03-07T09:00:00Z"), [])

    def test_a_paused_one_shows_what_would_fire(self):
        made = self.make(enabled=False)
        self.assertEqual(self.upcoming(made["id"], "?limit=1"), ["2030-03-02T09:00:00Z"])

    def test_what_it_shows_is_what_fires(self):  # AC-131
        rules = {"cron": "*/7 3-5,21 * * 1-5", "rrule": "FREQ=HOURLY;INTERVAL=5;BYMINUTE=10,40"}
        made = {kind: self.make(schedule_kind=kind, schedule_expr=expr, on_overlap="allow",
                                timezone="Europe/Berlin", jitter="PT90S",
                                task_template=self.pull(case.unique()))["id"]
                for kind, expr in rules.items()}
        shown = {kind: self.upcoming(made[kind], "?limit=60") for kind in made}
        self.go(max(moments[-1] for moments in shown.values()))
        for kind, moments in shown.items():
            with self.subTest(kind):
                self.assertEqual(self.planned(made[kind])[:60], moments)


class UnsavedPreview(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T12:30:00Z")

    def ask(self, **fields):
        return self.call("POST", "/v1/preview", fields)

    def test_a_rule_is_shown_in_times_and_words(self):
        shown = self.ask(cron="0 9 * * 1-5", timezone="Europe/Berlin", limit=3)
        self.assertEqual(shown["executions"], ["2030-03-04T09:00:00+01:00",
                                               "2030-03-05T09:00:00+01:00",
                                               "2030-03-06T09:00:00+01:00"])
        self.assertEqual([moment["at"] for moment in shown["moments"]],
                         [f"2030-03-0{day}T08:00:00Z" for day in (4, 5, 6)])
        self.assertTrue(shown["words"])
        self.assertEqual(shown["timezone"], "Europe/Berlin")
        self.assertEqual(self.call("GET", "/v1/schedules")["total"], 0)

    def test_notes_tell_of_the_clock_changes(self):
        shown = self.ask(cron="30 2 * * *", timezone="Europe/Berlin",
                         start_from="2030-03-30T12:00:00Z", limit=2)
        self.assertIn("gap", {note["kind"] for note in shown["notes"]})
        for note in shown["notes"]:
            self.assertTrue(note["message"])
        self.assertEqual(shown["executions"][0], "2030-03-31T03:00:00+02:00")
        skipped = self.ask(cron="30 2 * * *", timezone="Europe/Berlin", dst={"gap": "skip"},
                           start_from="2030-03-30T12:00:00Z", limit=1)
        self.assertEqual(skipped["executions"], ["2030-04-01T02:30:00+02:00"])

    def test_the_window_and_every_kind(self):
        shown = self.ask(schedule_kind="rrule", schedule_expr="FREQ=DAILY;BYHOUR=7",
                         start_at="2030-04-01T00:00:00Z", end_at="2030-04-02T07:00:00Z")
        self.assertEqual(shown["executions"],
                         ["2030-04-01T07:00:00+00:00", "2030-04-02T07:00:00+00:00"])
        once = self.ask(schedule_kind="once", schedule_expr="2030-07-01T09:00:00",
                        timezone="Europe/Berlin")
        self.assertEqual([moment["at"] for moment in once["moments"]], ["2030-07-01T07:00:00Z"])
        every = self.ask(cron="@every 90s", timezone="UTC", limit=2)
        self.assertEqual([moment["at"] for moment in every["moments"]],
                         ["2030-03-01T12:31:30Z", "2030-03-01T12:33:00Z"])
        self.assertEqual(self.ask(schedule_kind="manual")["executions"], [])

    def test_what_is_wrong_is_named(self):
        for fields, locations in (
                ({}, ["cron", "timezone"]), ({"cron": "bad", "timezone": "UTC"}, ["cron"]),
                ({"cron": "0 0 30 2 *", "timezone": "UTC"}, ["cron"]),
                ({"cron": "bad", "timezone": "Mars/Olympus", "limit": 0, "colour": 1},
                 ["cron", "timezone", "limit", "colour"]),
                ({"schedule_kind": "rrule", "schedule_expr": "FREQ=DAILY", "limit": 101,
                  "start_from": "soon"}, ["limit", "start_from"]),
                ({"schedule_kind": "rrule", "schedule_expr": "FREQ=X"}, ["schedule_expr"])):
            with self.subTest(fields):
                answer = self.server.post("/v1/preview", fields)
                problem = self.assert_problem(answer, 422,
                                              *(f"body.{name}" for name in locations))
                self.assertEqual(len(problem["errors"]), len(locations), problem)


class Explain(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T12:30:00Z")

    def explain(self, schedule_id, at):
        told = self.call("GET", f"/v1/schedules/{schedule_id}/explain?at={at}")
        self.assertEqual((told["schedule_id"], told["at"]), (schedule_id, at))
        self.assertTrue(told["sentence"])
        return told

    def test_a_moment_is_explained(self):
        made = self.make(cron="0 * * * *", task_template=self.work("/told"))
        self.go("2030-03-01T13:00:00Z")
        self.receiver.wait_for(1, "/told")
        self.wait_idle(made["id"])
        ran = self.explain(made["id"], "2030-03-01T13:00:00Z")
        self.assertEqual(ran["verdict"], "ran")
        self.assertEqual(ran["record"]["scheduled_for"], "2030-03-01T13:00:00Z")
        planned = self.explain(made["id"], "2030-03-01T20:00:00Z")
        self.assertEqual(planned["verdict"], "planned")
        self.assertIsNone(planned["record"])
        none = self.explain(made["id"], "2030-03-01T13:30:00Z")
        self.assertEqual(none["verdict"], "not_a_moment")
        self.assertEqual((none["previous_moment"], none["next_moment"]),
                         ("2030-03-01T13:00:00Z", "2030-03-01T14:00:00Z"))

    def test_a_pause_is_the_reason(self):
        made = self.make(cron="0 * * * *")
        self.command(made["id"], "pause")
        self.server.advance(by="PT5H")
        self.command(made["id"], "resume")
        told = self.explain(made["id"], self.tasks(made["id"], "?status=skipped")[-1]
                            ["scheduled_for"])
        self.assertEqual(told["verdict"], "paused")
        self.assertEqual(told["record"]["reason"], "paused")

    def test_the_moment_is_required(self):
        made = self.make()
        for query in ("", "?at=soon"):
            answer = self.server.get(f"/v1/schedules/{made['id']}/explain{query}")
            self.assert_problem(answer, 422, "query.at")


if __name__ == "__main__":
    case.main()
