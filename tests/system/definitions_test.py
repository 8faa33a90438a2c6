"""001's definitions at /tasks: what a body may say, and what becomes of it."""

import case
from definition_case import ECHO, DefinitionCase
from instants import to_text

UNKNOWN = "00000000-0000-0000-0000-00000000dead"


class Bodies(DefinitionCase):
    def test_what_is_left_out_has_its_default(self):  # AC-023
        answer = self.server.post("/tasks", self.body())
        self.assertEqual(answer.status, 201, answer)
        made = answer.json
        wanted = {"title": "t", "description": "d", "schedule_kind": "cron",
                  "schedule_expr": "0 8 * * *", "payload": {"pipeline": []},
                  "created_by": self.agent, "status": "active", "timezone": "UTC", "priority": 5,
                  "max_retries": 3, "backoff_strategy": "exponential_jitter", "dedupe_key": "",
                  "dedupe_window_seconds": 0, "concurrency_key": "", "target": None,
                  "last_run_at": None}
        self.assertEqual({name: made[name] for name in wanted}, wanted)
        self.assertTrue(made["next_run_at"].endswith("T08:00:00Z"), made)
        self.assertEqual(made["created_at"], made["updated_at"])
        self.assertEqual(answer.headers["location"], f"/tasks/{made['id']}")
        self.assertEqual(self.definition(made["id"]), made)

    def test_what_is_given_is_kept(self):
        given = {"timezone": "Europe/Chisinau", "priority": 1, "max_retries": 0,
                 "backoff_strategy": "linear", "dedupe_key": "k" * 100,
                 "dedupe_window_seconds": 60, "concurrency_key": "db", "title": "å" * 200,
                 "payload": {"pipeline": ECHO, "params": {"n": 9007199254740993}}}
        made = self.define(**given)
        self.assertEqual({name: made[name] for name in given}, given)
        self.assertEqual(self.definition(made["id"]), made)

    def test_a_trailing_slash_means_the_same(self):  # AC-024
        for path in ("/tasks", "/tasks/"):
            self.assertEqual(self.server.post(path, self.body()).status, 201)

    def test_a_required_field_is_named(self):  # AC-025
        before = self.call("GET", "/tasks?limit=1")["total"]
        for name in ("title", "description", "schedule_kind", "payload", "created_by"):
            for value in (..., None):
                with self.subTest(name=name, value=value):
                    self.refused(422, f"body.{name}", body=self.body(**{name: value}))
        self.refused(422, "body.title", "body.payload", body={})
        self.refused(422, "body", body=[])
        self.assertEqual(self.call("GET", "/tasks?limit=1")["total"], before)

    def test_a_body_of_a_one_off_task_is_told_of_its_own_fields(self):  # AC-002
        self.refused(422, "body.taskType",
                     body={"payload": {}, "triggeredAt": "2090-08-01T00:00:00Z"})
        self.refused(422, "body.triggeredAt", body={"taskType": "x"})

    def test_an_expression_is_required_but_for_events(self):  # AC-026
        for kind in ("cron", "rrule", "once"):
            for value in (..., None, ""):
                with self.subTest(kind=kind, value=value):
                    self.refused(422, "body.schedule_expr",
                                 body=self.body(schedule_kind=kind, schedule_expr=value))
        self.assertIsNone(self.define(schedule_kind="manual", schedule_expr=...)["next_run_at"])

    def test_an_event_without_a_topic_listens_to_nothing(self):
        made = self.define(schedule_kind="event", schedule_expr=...)
        self.assertEqual((made["schedule_expr"], made["next_run_at"]), ("", None))

    def test_an_unknown_kind_is_told_what_is_allowed(self):  # AC-027
        problem = self.refused(422, "body.schedule_kind", body=self.body(schedule_kind="weekly"))
        for kind in ("cron", "rrule", "once", "event"):
            self.assertIn(kind, problem["errors"][0]["message"])

    def test_zones(self):  # AC-029
        for zone in ("UTC", "Europe/Chisinau", "America/Argentina/Buenos_Aires", "Etc/GMT+5"):
            self.assertEqual(self.define(timezone=zone)["timezone"], zone)
        for zone in ("Mars/Base", "europe chisinau", "", 5):
            with self.subTest(zone):
                self.refused(422, "body.timezone", body=self.body(timezone=zone))

    def test_what_is_out_of_bounds_is_refused(self):  # AC-030, AC-033, AC-063
        for name, values in (
                ("priority", (0, 10, 2.5, "high")), ("max_retries", (-1, 11, "3")),
                ("backoff_strategy", ("steep", "", 1)), ("title", ("", "x" * 201, 1)),
                ("description", ("", "x" * 2001)), ("dedupe_key", ("x" * 101, 1)),
                ("dedupe_window_seconds", (-1, 1.5)), ("concurrency_key", ("x" * 101,)),
                ("schedule_kind", (5, "weekly")),
                ("created_by", (UNKNOWN, "me", 1)), ("schedule_expr", ("0 25 * * *", "x", 1)),
                ("foo", (1,)), ("status", ("active",)), ("id", (UNKNOWN,))):
            for value in values:
                with self.subTest(name=name, value=value):
                    self.refused(422, f"body.{name}", body=self.body(**{name: value}))

    def test_all_faults_are_told_at_once(self):
        self.refused(422, "body.title", "body.schedule_expr", "body.timezone", "body.created_by",
                     "body.priority", "body.payload.pipeline[1].uses", "body.foo",
                     body=self.body(title="", schedule_expr="x", timezone="Mars/Base",
                                    created_by=UNKNOWN, priority=0, foo=1,
                                    payload={"pipeline": [{"id": "a", "uses": "test.echo"},
                                                          {"id": "b", "uses": ""}]}))

    def test_a_rule_that_never_fires_is_refused(self):
        self.refused(422, "body.schedule_expr", body=self.body(schedule_expr="0 0 30 2 *"))


class Pipelines(DefinitionCase):
    def test_a_payload_is_a_pipeline(self):  # AC-061
        for payload, location in (({}, "body.payload.pipeline"), ([], "body.payload"),
                                  ({"pipeline": {}}, "body.payload.pipeline"),
                                  ({"pipeline": [], "params": 1}, "body.payload.params"),
                                  ({"pipeline": [], "more": 1}, "body.payload.more")):
            with self.subTest(payload):
                self.refused(422, location, body=self.body(payload=payload))

    def test_steps_have_an_id_of_their_own_and_say_what_they_use(self):
        for step, field in (({"uses": "test.echo"}, ".id"), ({"id": "a"}, ".uses"),
                            ({"id": "a", "uses": 1}, ".uses"), (5, ""),
                            ({"id": "first", "uses": "test.echo"}, ".id"),
                            ({"id": "a", "uses": "test.echo", "if": 1}, ".if"),
                            ({"id": "a", "uses": "event.publish", "with": 1}, ".with"),
                            ({"id": "a", "uses": "test.echo", "whit": {}}, ".whit")):
            with self.subTest(step):
                steps = [{"id": "first", "uses": "test.echo"}, step]
                self.refused(422, f"body.payload.pipeline[1]{field}",
                             body=self.body(payload={"pipeline": steps}))


    def test_a_step_is_kept_as_it_came(self):  # AC-024
        payload = {"pipeline": [
            {"id": "calendar", "uses": "queue.calendar.list", "with": {"days": 1.50},
             "save_as": "events", "timeout_seconds": 30, "max_retries": 2, "if": "params.go"}]}
        self.assertEqual(self.define(payload=payload)["payload"], payload)


class Changes(DefinitionCase):
    def test_only_what_is_given_changes(self):  # AC-041
        made = self.define(priority=2, dedupe_key="k", timezone="Europe/Chisinau")
        self.server.advance(by="PT1S")
        changed = self.put(made["id"], title="new")
        self.assertGreater(changed.pop("updated_at"), made.pop("updated_at"))
        self.assertEqual(changed, {**made, "title": "new"})

    def test_null_clears_to_the_default(self):
        made = self.define(priority=2, max_retries=0, backoff_strategy="fixed", dedupe_key="k",
                           dedupe_window_seconds=60, concurrency_key="db",
                           timezone="Europe/Chisinau")
        fields = {"priority": 5, "max_retries": 3, "backoff_strategy": "exponential_jitter",
                  "dedupe_key": "", "dedupe_window_seconds": 0, "concurrency_key": "",
                  "timezone": "UTC"}
        changed = self.put(made["id"], **dict.fromkeys(fields))
        self.assertEqual({name: changed[name] for name in fields}, fields)
        for name in ("title", "description", "schedule_kind", "payload", "created_by",
                     "schedule_expr"):
            with self.subTest(name):
                self.refused(422, f"body.{name}", method="PUT", path=f"/tasks/{made['id']}",
                             body={name: None})

    def test_a_change_is_checked_as_a_whole(self):  # AC-030
        made = self.define()
        path = f"/tasks/{made['id']}"
        for body, location in (({"priority": 10}, "body.priority"),
                               ({"schedule_kind": "rrule"}, "body.schedule_expr"),
                               ({"timezone": "Mars/Base"}, "body.timezone"),
                               ({"schedule_expr": "FREQ=DAILY"}, "body.schedule_expr"),
                               ({"created_by": UNKNOWN}, "body.created_by"),
                               ({"status": "paused"}, "body.status"),
                               ({"next_run_at": None}, "body.next_run_at")):
            with self.subTest(body):
                self.refused(422, location, method="PUT", path=path, body=body)
        self.refused(422, "body.priority", "body.schedule_expr", "body.created_by", method="PUT",
                     path=path, body={"priority": 0, "schedule_expr": "x", "created_by": "me"})
        self.refused(400, method="PUT", path=path, body=b"{")
        self.assertEqual(self.definition(made["id"]), made)
        changed = self.put(made["id"], schedule_kind="rrule", schedule_expr="FREQ=DAILY;BYHOUR=9")
        self.assertTrue(changed["next_run_at"].endswith("T09:00:00Z"), changed)

    def test_priorities_are_kept(self):  # AC-030
        made = self.define()
        for priority in (1, 9):
            self.assertEqual(self.put(made["id"], priority=priority)["priority"], priority)

    def test_a_change_survives_a_crash(self):
        made = self.put(self.define()["id"], schedule_expr="30 8 * * *", concurrency_key="db")
        self.server.restart()
        self.assertEqual(self.definition(made["id"]), made)


class Lookups(DefinitionCase):
    def test_an_unknown_id_is_not_found(self):  # AC-040
        for task in (UNKNOWN, "abc"):
            self.refused(404, method="GET", path=f"/tasks/{task}")
            self.refused(404, method="PUT", path=f"/tasks/{task}", body={"title": "x"})
            for verb in ("run_now", "snooze", "pause", "resume", "cancel"):
                with self.subTest(task=task, verb=verb):
                    self.refused(404, path=f"/tasks/{task}/{verb}", body={"delay_seconds": 5}
                                 if verb == "snooze" else None)

    def test_one_off_tasks_have_no_commands_of_definitions(self):
        one_off = self.call("POST", "/tasks", {"taskType": "x", "payload": {},
                                               "triggeredAt": "2090-01-01T00:00:00Z"}, expect=201)
        for verb in ("run_now", "snooze", "pause", "resume"):
            self.refused(409, path=f"/tasks/{one_off['id']}/{verb}", body={"delay_seconds": 5}
                         if verb == "snooze" else None)
        self.refused(409, method="PUT", path=f"/tasks/{one_off['id']}", body={"priority": 1})
        made = self.define()
        self.refused(409, path=f"/tasks/{made['id']}/trigger")
        self.refused(409, path=f"/tasks/{made['id']}/events", body={"type": "log"})

    def test_a_schedule_made_elsewhere_is_shown(self):
        target = self.receiver.url("/job")
        body = {"name": "native", "cron": "0 8 * * *", "timezone": "UTC",
                "task_template": {"target": target, "payload": {"key": 1}}}
        made = self.call("POST", "/v1/schedules", body, expect=201)
        task = made["id"].removeprefix("schedule_")
        shown = self.definition(task)
        self.assertEqual((shown["id"], shown["title"], shown["target"], shown["payload"]),
                         (task, "native", target, {"key": 1}))
        self.assertIsNone(shown["created_by"])
        self.assertEqual(self.put(task, title="renamed")["title"], "renamed")
        self.refused(422, "body.payload", method="PUT", path=f"/tasks/{task}",
                     body={"payload": {"pipeline": []}})
        self.call("DELETE", f"/v1/schedules/{made['id']}")
        for method, path in (("GET", ""), ("PUT", ""), ("POST", "/run_now"), ("POST", "/pause"),
                             ("POST", "/cancel")):
            with self.subTest(path=path, method=method):
                self.refused(404, method=method, path=f"/tasks/{task}{path}",
                             body={"title": "x"} if method == "PUT" else None)


class Lists(DefinitionCase):
    def test_pages(self):  # AC-038
        made = [self.define()["id"] for _ in range(60)]
        first = self.call("GET", "/tasks")
        self.assertEqual((len(first["items"]), first["total"], first["has_more"]), (50, 60, True))
        second = self.call("GET", "/tasks?limit=50&offset=50")
        self.assertEqual((len(second["items"]), second["total"], second["has_more"]),
                         (10, 60, False))
        self.assertEqual([item["id"] for item in first["items"] + second["items"]],
                         list(reversed(made)), "newest first")


class MixedLists(DefinitionCase):
    def make_both(self, pattern):
        """Definitions (d) and one-off tasks (t), each a second after the one before."""
        ids = []
        for kind in pattern:
            if kind == "d":
                ids.append(self.define()["id"])
            else:
                body = {"taskType": "x", "triggeredAt": "2090-01-01T00:00:00Z"}
                ids.append(self.call("POST", "/tasks", body, expect=201)["id"])
            self.server.advance(by="PT1S")
        return list(reversed(ids))

    def test_both_kinds_are_one_list_newest_first(self):
        made = self.make_both("dtttddttdtdddddttttttd")
        for limit in (1, 4, 7, 200):
            seen = []
            while True:
                page = self.call("GET", f"/tasks?limit={limit}&offset={len(seen)}")
                self.assertEqual(page["total"], len(made))
                seen += [item["id"] for item in page["items"]]
                self.assertEqual(page["has_more"], len(seen) < len(made))
                if not page["has_more"]:
                    break
            self.assertEqual(seen, made, limit)
        beyond = self.call("GET", "/tasks?offset=1000000")
        self.assertEqual((beyond["items"], beyond["total"], beyond["has_more"]),
                         ([], len(made), False))

    def test_tasks_made_by_a_definition_are_not_listed(self):
        task, _ = self.pull()
        self.op(task, "run_now")
        listed = self.call("GET", "/tasks?limit=200")["items"]
        self.assertNotIn("task_id", {key for item in listed for key in item})
        self.assertIn(task, [item["id"] for item in listed])
        self.assertEqual(self.call("GET", "/tasks?status=TRIGGERED")["items"], [])


class Filters(DefinitionCase):
    def listed(self, query):
        page = self.call("GET", f"/tasks?limit=200&{query}")
        self.assertEqual(page["total"], len(page["items"]))
        return {item["id"] for item in page["items"]}

    def test_filters_narrow_and_combine(self):  # AC-039
        other = self.call("POST", "/agents", {"name": "other"}, expect=201)["id"]
        cron, paused, canceled = (self.define()["id"] for _ in range(3))
        rrule = self.define(schedule_kind="rrule", schedule_expr="FREQ=DAILY",
                            created_by=other)["id"]
        soon = to_text(self.server.now() + 60)
        once = self.define(schedule_kind="once", schedule_expr=soon)["id"]
        one_off = self.call("POST", "/tasks", {"taskType": "x", "triggeredAt":
                                               "2090-01-01T00:00:00Z"}, expect=201)["id"]
        self.op(paused, "pause")
        self.op(rrule, "pause")
        self.op(canceled, "cancel")
        self.server.advance(by="PT1H")
        both = {paused, rrule}
        self.assertEqual(self.listed("status=active"), {cron})
        self.assertEqual(self.listed("status=paused"), both)
        self.assertEqual(self.listed("status=Paused"), both)
        self.assertEqual(self.listed("status=canceled"), {canceled})
        self.assertEqual(self.listed("status=scheduled"), {one_off})
        self.assertEqual(self.listed("status=CANCELLED"), set())
        self.assertEqual(self.listed("schedule_kind=rrule"), {rrule})
        self.assertEqual(self.listed(f"created_by={other}"), {rrule})
        self.assertEqual(self.listed(f"created_by={other.upper()}"), {rrule})
        self.assertEqual(self.listed(f"status=paused&created_by={self.agent}"), {paused})
        self.assertEqual(self.listed(f"status=paused&schedule_kind=rrule&created_by={other}"),
                         {rrule})
        self.assertEqual(self.listed(f"status=paused&schedule_kind=rrule&created_by={self.agent}"),
                         set())
        self.assertEqual(self.listed("status=completed&schedule_kind=once"), {once})
        self.assertEqual(self.listed(""), {cron, paused, canceled, rrule, once, one_off})

    def test_what_is_out_of_bounds_is_refused(self):  # AC-039
        for query in ("limit=201", "limit=0", "offset=-1", "status=nonsense", "created_by=me",
                      "schedule_kind=weekly", "status=SCHEDULED&schedule_kind=cron", "foo=1"):
            with self.subTest(query):
                self.assert_problem(self.server.get(f"/tasks?{query}"), 422,
                                    f"query.{query.split('=')[0]}")


if __name__ == "__main__":
    case.main()
