"""Definitions on /v1/schedules: made, shown, listed, deleted."""

import uuid

import case
import schedule_case
from instants import to_seconds
from receiver import Plan


class Creation(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2024-01-30T12:00:00Z")

    def test_a_schedule_is_made_as_it_was_asked_for(self):  # AC-104
        asked = {"cron": "0 9 * * *", "timezone": "America/New_York",
                 "start_at": "2024-03-01T00:00:00Z", "end_at": "2024-12-31T23:59:59Z",
                 "task_template": {"target": self.receiver.url("/job"),
                                   "payload": {"key": "value"}}}
        answer = self.server.post("/v1/schedules", asked)
        self.assertEqual(answer.status, 201, answer)
        made = answer.json
        self.assertTrue(made["id"].startswith("schedule_"))
        uuid.UUID(made["id"].removeprefix("schedule_"))
        self.assertEqual(answer.headers["location"], f"/v1/schedules/{made['id']}")
        for name in ("cron", "timezone", "start_at", "end_at"):
            self.assertEqual(made[name], asked[name], name)
        for name in ("target", "payload"):
            self.assertEqual(made["task_template"][name], asked["task_template"][name], name)
        self.assertEqual((made["status"], made["enabled"]), ("active", True))
        self.assertEqual(made["next_execution_at"], "2024-03-01T14:00:00Z")
        self.assertIsNone(made["last_execution_at"])
        self.assertEqual(made["execution_count"], 0)
        self.assertEqual(to_seconds(made["created_at"]), self.server.now())
        self.assertEqual(made["updated_at"], made["created_at"])
        self.assertEqual(self.schedule(made["id"]), made)  # AC-121

    def test_defaults_are_filled_in(self):
        made = self.make()
        wanted = {"name": None, "description": None, "schedule_kind": "cron",
                  "schedule_expr": "0 9 * * *", "dst": {"gap": "after", "repeat": "first"},
                  "catch_up": "all", "catch_up_window": "PT1H", "catch_up_limit": 100,
                  "on_overlap": "skip", "parallelism": 1, "queue_limit": 100, "lead": "PT5M",
                  "jitter": "PT0S", "dedupe_key": None, "dedupe_window_seconds": 0,
                  "start_at": None, "end_at": None, "created_by": None}
        self.assertEqual({name: made[name] for name in wanted}, wanted)
        bare = self.make(task_template={"target": self.receiver.url()})["task_template"]
        self.assertEqual(bare["retry"]["max_retries"], 24)
        self.assertEqual(bare["retry"]["backoff"], "steep")
        self.assertIsNone(bare["payload"])
        self.assertEqual(bare["timeout"], "PT30S")

    def test_every_field_is_kept(self):
        target = {"url": self.receiver.url(), "method": "PUT", "headers": {"x-team": "a"}}
        work = {"target": target, "payload": [1.10, 9007199254740993], "task_type": "report",
                "tags": ["a", "b"], "components": ["c"], "priority": 2, "timeout": "PT7S",
                "expires_after": "PT1H", "concurrency_key": "k", "concurrency_limit": 3,
                "rate_limit": {"limit": 5, "period": "PT1S"},
                "retry": {"max_retries": 2, "backoff": "linear", "delay": "PT5S", "cap": "PT1M"}}
        asked = {"name": "nightly", "description": "d", "catch_up": "latest",
                 "catch_up_window": "P2D", "catch_up_limit": 7, "on_overlap": "queue",
                 "parallelism": 3, "queue_limit": 9, "lead": "PT1M", "jitter": "PT30S",
                 "dedupe_key": "d", "dedupe_window_seconds": 60,
                 "dst": {"gap": "skip", "repeat": "both"}, "task_template": work}
        made = self.make(**asked)
        self.assertEqual({name: made[name] for name in asked}, asked)
        self.assertIn(b"9007199254740993", self.server.get(f"/v1/schedules/{made['id']}").body)

    def test_a_kind_with_its_expression_is_another_way_to_say_when(self):
        kinds = {"cron": "*/5 * * * *", "rrule": "FREQ=DAILY;BYHOUR=7", "event": "orders.paid",
                 "once": "2030-01-01T00:00:00Z", "manual": None}
        for kind, expr in kinds.items():
            with self.subTest(kind):
                made = self.make(schedule_kind=kind, timezone=..., schedule_expr=expr)
                self.assertEqual((made["schedule_kind"], made["schedule_expr"], made["timezone"]),
                                 (kind, expr, "UTC"))
                self.assertEqual(made["cron"], expr if kind == "cron" else None)

    def test_without_a_target_workers_take_the_tasks(self):
        made = self.make(task_template=self.pull("nightly"))
        self.assertIsNone(made["task_template"]["target"])
        self.assertEqual(made["task_template"]["task_type"], "nightly")

    def test_a_known_agent_may_be_its_maker(self):
        agent = self.call("POST", "/agents", {"name": case.unique()}, expect=201)["id"]
        self.assertEqual(self.make(created_by=agent.upper())["created_by"], agent)

    def test_a_disabled_schedule_never_makes_a_task(self):  # AC-108
        made = self.make(cron="* * * * *", enabled=False)
        self.assertEqual((made["status"], made["enabled"]), ("disabled", False))
        self.assertIsNone(made["next_execution_at"])
        self.server.advance(by="PT10M")
        self.assertEqual(self.tasks(made["id"], "?status=completed,processing,scheduled"), [])
        self.assert_quiet(0)

    def test_a_window_that_is_over_makes_an_ended_schedule(self):
        made = self.make(end_at="2020-01-01T00:00:00Z")
        self.assertEqual(made["status"], "ended")
        self.assertIsNone(made["next_execution_at"])


class Faults(schedule_case.ScheduleCase):
    def refused(self, *locations, **changes):
        before = self.call("GET", "/v1/schedules?limit=1")["total"]
        answer = self.server.post("/v1/schedules", self.body(**changes))
        problem = self.assert_problem(answer, 422, *locations)
        self.assertEqual(self.call("GET", "/v1/schedules?limit=1")["total"], before)
        return problem

    def test_what_is_required_is_named(self):  # AC-105
        for name in ("cron", "timezone", "task_template"):
            with self.subTest(name):
                self.refused(f"body.{name}", **{name: ...})
        self.refused("body.task_template.target", task_template={"payload": 1})
        self.refused("body.task_template", task_template="x")
        self.refused("body.schedule_expr", cron=..., schedule_kind="rrule")
        self.refused("body.schedule_kind", cron=..., schedule_expr="FREQ=DAILY")

    def test_an_end_before_the_start(self):  # AC-107
        self.refused("body.end_at", start_at="2030-02-01T00:00:00Z",
                     end_at="2030-01-01T00:00:00Z")

    def test_a_bad_rule_is_named_by_its_field(self):
        self.refused("body.cron", cron="61 * * * *")
        self.refused("body.cron", cron="0 0 30 2 *")
        self.refused("body.timezone", timezone="Mars/Olympus")
        self.refused("body.schedule_expr", cron=..., schedule_kind="rrule",
                     schedule_expr="FREQ=SOMETIMES")
        self.refused("body.schedule_expr", cron=..., schedule_kind="once",
                     schedule_expr="2020-01-01T00:00:00Z")
        self.refused("body.schedule_kind", cron=..., schedule_kind="lunar", schedule_expr="x")
        self.refused("body.schedule_expr", cron=..., schedule_kind="manual", schedule_expr="x")
        self.refused("body.schedule_kind", schedule_kind="cron")

    def test_all_faults_come_at_once(self):
        wrong = {"catch_up": "maybe", "catch_up_window": "soon", "catch_up_limit": 0,
                 "on_overlap": "x", "parallelism": 0, "queue_limit": -1, "lead": "P2D",
                 "jitter": "P2D", "dedupe_key": "x" * 101, "dedupe_window_seconds": -1,
                 "name": "x" * 201, "enabled": "yes", "created_by": "me", "cron": "bad",
                 "timezone": "Mars/Olympus", "colour": 1, "start_at": "soon"}
        inner = {"target": "ftp://x", "priority": 10, "concurrency_limit": 5, "shape": 1}
        problem = self.refused(
            *(f"body.{name}" for name in wrong), "body.dst.gap", "body.task_template.target",
            "body.task_template.priority", "body.task_template.concurrency_limit",
            "body.task_template.shape", **wrong, dst={"gap": "no"}, task_template=inner)
        self.assertEqual(len(problem["errors"]), len(wrong) + 5, problem)

    def test_what_the_server_sets_cannot_be_given(self):
        for name in ("id", "status", "execution_count", "created_at", "next_execution_at"):
            with self.subTest(name):
                self.refused(f"body.{name}", **{name: "x"})

    def test_an_unknown_agent_is_refused(self):
        self.refused("body.created_by", created_by="00000000-0000-0000-0000-00000000dead")

    def test_what_is_no_json_and_what_is_no_object(self):  # AC-150
        for path in ("/v1/schedules", "/v1/preview"):
            self.assert_problem(self.server.post(path, b"{"), 400)
            self.assert_problem(self.server.post(path, b"[]"), 422)
            self.assert_problem(
                self.server.post(path, b"x", headers={"Content-Type": "text/csv"}), 415)

    def test_a_method_that_the_path_has_not(self):  # AC-150
        answer = self.server.client.call("DELETE", "/v1/schedules")
        self.assert_problem(answer, 405)
        allowed = {word.strip() for word in answer.headers["allow"].split(",")}
        self.assertLessEqual({"GET", "POST"}, allowed)
        self.assertNotIn("DELETE", allowed)

    def test_an_unknown_id_is_not_found(self):  # AC-121
        task = self.create(execute_after="PT1H")
        unknown = ("schedule_nope", "00000000-0000-8000-8000-00000000dead", task["id"])
        calls = (("GET", "", None), ("PATCH", "", {"name": "x"}), ("DELETE", "", None),
                 ("GET", "/tasks", None), ("GET", "/preview", None), ("POST", "/pause", None),
                 ("GET", "/explain?at=2030-01-01T00:00:00Z", None), ("POST", "/run", None),
                 ("POST", "/snooze", {"delay": "1m"}))
        for schedule in unknown:
            for method, path, body in calls:
                with self.subTest(schedule=schedule, path=path, method=method):
                    answer = self.server.client.call(
                        method, f"/v1/schedules/{schedule}{path}", body)
                    self.assert_problem(answer, 404)

    def test_both_forms_of_an_id_are_taken(self):
        made = self.make()
        self.assertEqual(self.schedule(made["id"].removeprefix("schedule_")), made)


class Lists(schedule_case.ScheduleCase):
    def listed(self, query=""):
        page = self.call("GET", f"/v1/schedules{query}")
        return [schedule["id"] for schedule in page["schedules"]], page

    def test_pages_hold_each_schedule_once(self):  # AC-119
        made = [self.make()["id"] for _ in range(120)]
        made.reverse()
        first, page = self.listed()
        self.assertEqual(first, made[:100], "newest first")
        self.assertEqual((page["total"], page["has_more"]), (120, True))
        rest, page = self.listed("?offset=100")
        self.assertEqual(rest, made[100:])
        self.assertEqual((page["total"], page["has_more"]), (120, False))
        self.assertIsNone(page["next_cursor"])

        answer = self.server.get("/v1/schedules?limit=50")
        walked = []
        while True:
            walked += [schedule["id"] for schedule in answer.json["schedules"]]
            if "link" not in answer.headers:
                break
            answer = self.server.get(answer.headers["link"].split(">")[0].strip("<"))
        self.assertEqual(walked, made)

    def test_what_is_out_of_bounds_is_refused(self):
        for query in ("limit=0", "limit=1001", "offset=-1", "status=sleeping", "enabled=maybe",
                      "cursor=rubbish", "colour=red"):
            with self.subTest(query):
                answer = self.server.get(f"/v1/schedules?{query}")
                self.assert_problem(answer, 422, f"query.{query.split('=')[0]}")


class Filters(schedule_case.ScheduleCase):
    def ids(self, query):
        page = self.call("GET", f"/v1/schedules?{query}")
        found = {schedule["id"] for schedule in page["schedules"]}
        self.assertEqual(page["total"], len(found))
        return found

    def test_a_status_narrows(self):  # AC-120
        active, disabled, canceled, deleted, ended = (self.make()["id"] for _ in range(5))
        self.command(disabled, "pause")
        self.command(canceled, "cancel")
        self.call("DELETE", f"/v1/schedules/{deleted}")
        self.patch(ended, end_at="2020-01-01T00:00:00Z")
        for query, wanted in (("status=active", {active}), ("enabled=true", {active}),
                              ("status=active&enabled=true", {active}),
                              ("status=disabled", {disabled}), ("enabled=false", {disabled}),
                              ("status=active&enabled=false", set()),
                              ("status=canceled", {canceled}), ("status=deleted", {deleted}),
                              ("status=ended", {ended}),
                              ("status=active,disabled", {active, disabled}),
                              ("", {active, disabled, canceled, ended})):
            with self.subTest(query):
                self.assertEqual(self.ids(query), wanted)


class Deletion(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-03-01T13:50:00Z")

    def test_what_was_made_still_runs_and_nothing_else_is_made(self):  # AC-126, AC-127
        made = self.make(cron="0 * * * *", task_template=self.work("/deleted"))
        self.go("2030-03-01T13:57:00Z")
        self.assertEqual(self.planned(made["id"]), ["2030-03-01T14:00:00Z"])
        deleted = {"id": made["id"], "status": "deleted"}
        self.assertEqual(self.call("DELETE", f"/v1/schedules/{made['id']}"), deleted)
        once = self.schedule(made["id"])
        self.assertEqual((once["status"], once["enabled"]), ("deleted", False))
        self.assertEqual(self.call("DELETE", f"/v1/schedules/{made['id']}"), deleted)
        self.assertEqual(self.schedule(made["id"]), once)
        self.go("2030-03-01T14:00:00Z")
        self.receiver.wait_for(1, "/deleted")
        self.wait_idle(made["id"])
        self.server.advance(by="PT5H")
        self.assertEqual(self.planned(made["id"], "completed"), ["2030-03-01T14:00:00Z"])
        self.assert_quiet(1, "/deleted")

    def test_a_deleted_one_is_changed_by_nothing(self):
        made = self.make(schedule_kind="cron", schedule_expr="0 * * * *")
        self.call("DELETE", f"/v1/schedules/{made['id']}")
        self.patch(made["id"], expect=409, name="x")
        for name in ("pause", "resume", "run", "cancel"):
            with self.subTest(name):
                self.command(made["id"], name, expect=409)
        self.command(made["id"], "snooze", {"delay": "1m"}, expect=409)
        self.assertEqual(self.upcoming(made["id"]), [])


class Tasks(schedule_case.ScheduleCase):
    server_settings = schedule_case.starts_at("2030-01-01T00:00:30Z")

    def test_its_tasks_are_listed_newest_first(self):  # AC-128
        self.make(cron="* * * * *", task_template=self.pull(case.unique()))  # another's
        made = self.make(cron="* * * * *", lead="0s", task_template=self.work("/listed"))
        for minute in range(1, 4):
            self.go(f"2030-01-01T00:0{minute}:00Z")
            self.receiver.wait_for(minute, "/listed")
            self.wait_idle(made["id"])
        self.assertEqual([task["scheduled_for"] for task in self.tasks(made["id"])],
                         [f"2030-01-01T00:0{minute}:00Z" for minute in (3, 2, 1)])
        completed = f"/v1/schedules/{made['id']}/tasks?status=completed&limit=1"
        page = self.call("GET", completed)
        self.assertEqual((page["total"], len(page["tasks"])), (3, 1))
        self.assertEqual(page["tasks"][0]["schedule_id"], made["id"])
        after = self.call("GET", f"{completed}&cursor={page['next_cursor']}")
        self.assertEqual(after["tasks"][0]["scheduled_for"], "2030-01-01T00:02:00Z")
        self.assertEqual(self.tasks(made["id"], "?status=canceled"), [])
        self.assertEqual(self.call("GET", f"/v1/tasks?schedule_id={made['id']}")["total"], 3)
        self.assert_problem(
            self.server.get(f"/v1/schedules/{made['id']}/tasks?status=x"), 422, "query.status")

    def test_a_failed_task_that_is_tried_again_counts_as_failed(self):
        self.receiver.on("/tried", Plan(500))
        work = self.work("/tried", retry={"max_retries": 1, "backoff": "fixed", "delay": "PT1H"})
        made = self.make(schedule_kind="manual", task_template=work)
        task = self.command(made["id"], "run", expect=201)
        self.wait_status(task["id"], "retrying")
        for status in ("failed", "retrying"):
            self.assertEqual([one["id"] for one in self.tasks(made["id"], f"?status={status}")],
                             [task["id"]])

    def test_what_was_made_has_what_the_template_has(self):  # AC-113
        work = self.pull(case.unique(), payload={"n": 1}, tags=["t"], priority=3,
                         expires_after="PT1H", concurrency_key="k",
                         rate_limit={"limit": 5, "period": "PT1S"})
        made = self.make(schedule_kind="manual", task_template=work)
        task = self.command(made["id"], "run", expect=201)
        for name in ("payload", "tags", "priority", "task_type", "concurrency_key", "rate_limit"):
            self.assertEqual(task[name], work[name], name)
        self.assertEqual(task["schedule_id"], made["id"])
        self.assertEqual(to_seconds(task["expires_after"]),
                         to_seconds(task["scheduled_for"]) + 3600)


class Limits(schedule_case.ScheduleCase):
    """The limits of a key, in tasks and in templates of tasks alike."""

    def test_defaults(self):
        rate = {"limit": 10, "period": "PT1M"}
        for given, concurrency in (({}, 1), ({"rate_limit": rate}, None),
                                   ({"rate_limit": rate, "concurrency_limit": 2}, 2)):
            with self.subTest(given):
                fields = {"concurrency_key": "k", **given}
                task = self.create(execute_after="PT1H", **fields)
                work = self.make(task_template=self.work(**fields))["task_template"]
                for shown in (task, work):
                    self.assertEqual(shown["concurrency_key"], "k")
                    self.assertEqual(shown.get("concurrency_limit"), concurrency)
                    self.assertEqual(shown.get("rate_limit"), given.get("rate_limit"))

    def test_none_is_not_shown(self):
        shown = self.create(execute_after="PT1H")
        for name in ("concurrency_key", "concurrency_limit", "rate_limit"):
            self.assertNotIn(name, shown)

    def test_what_is_wrong_is_named(self):
        for fields, location in (({"concurrency_limit": 1}, "concurrency_limit"),
                                 ({"rate_limit": {"limit": 1, "period": "1s"}}, "rate_limit"),
                                 ({"concurrency_key": ""}, "concurrency_key"),
                                 ({"concurrency_key": "k", "concurrency_limit": 0},
                                  "concurrency_limit"),
                                 ({"concurrency_key": "k", "rate_limit": {"limit": 1}},
                                  "rate_limit.period")):
            with self.subTest(fields):
                answer = self.server.post("/v1/tasks", {"task_type": "x", **fields})
                self.assert_problem(answer, 422, f"body.{location}")
                answer = self.server.post(
                    "/v1/schedules", self.body(task_template=self.work(**fields)))
                self.assert_problem(answer, 422, f"body.task_template.{location}")


if __name__ == "__main__":
    case.main()
