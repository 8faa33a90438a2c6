"""GET /api/tasks and the runs of jobs: the fields, the words, the errors."""

import case
from case import wait_until
from runner_case import RunnerCase

FULL = """
[tasks.purge]
run = "true"
cron = "0 0 * * *"
timezone = "Europe/Berlin"
description = "every night"
group = "Night"
timeout = "30m"
retry_attempts = 3
retry_delay = "5s"
retry_backoff = "linear"
keep_for = "365d"
keep_runs = 100
log_max_size = "100mb"
log_on_full = "kill_task"
on_overlap = "skip"
parallelism = 2
catch_up = "all"
"""


class Definitions(RunnerCase):
    def tasks(self):
        return {task["name"]: task for task in self.call("GET", "/api/tasks")}

    def test_without_definitions_the_list_is_an_empty_array(self):
        answer = self.server.get("/api/tasks")
        self.assertEqual(answer.body.strip(), b"[]")
        self.assertEqual(answer.headers["content-type"].split(";")[0], "application/json")

    def test_the_list_is_sorted_by_name(self):
        self.define('[tasks.b]\nrun="true"\n[services.a]\nrun="sleep 60"\n[tasks."c:1.x"]\nrun="true"')
        tasks = self.call("GET", "/api/tasks")
        self.assertEqual([task["name"] for task in tasks], ["a", "b", "c:1.x"])
        self.assertTrue(all(task["api_trigger"] is True for task in tasks))

    def test_what_is_given_comes_back_digit_for_digit(self):
        self.define(FULL)
        body = self.server.get("/api/tasks").body.decode().replace(" ", "")
        for member in ('"keep_for":31536000000000000', '"timeout":1800000000000',
                       '"retry_delay":5000000000', '"log_max_size":104857600'):
            self.assertIn(member, body)
        task = self.tasks()["purge"]
        expected = {"kind": "task", "cron": "0 0 * * *", "timezone": "Europe/Berlin",
                    "description": "every night", "group": "Night", "retry_attempts": 3,
                    "retry_backoff": "linear", "keep_runs": 100, "log_on_full": "kill_task",
                    "on_overlap": "skip", "parallelism": 2, "catch_up": "all"}
        self.assertEqual({name: task[name] for name in expected}, expected)
        self.assertIn("next_run_at", task)

    def test_defaults(self):
        self.define('[tasks.job]\nrun="true"')
        task = self.tasks()["job"]
        expected = {"kind": "task", "api_trigger": True, "on_overlap": "queue",
                    "catch_up": "latest", "parallelism": 1, "retry_attempts": 0,
                    "retry_delay": 5_000_000_000, "retry_backoff": "constant", "restart": "never",
                    "restart_delay": 1_000_000_000, "restart_backoff": "exponential",
                    "instances": 1, "log_max_size": 100 << 20, "log_on_full": "drop_old"}
        self.assertEqual({name: task[name] for name in expected}, expected)
        for absent in ("cron", "next_run_at", "timeout", "keep_for", "keep_runs", "group",
                       "description"):
            self.assertNotIn(absent, task)

    def test_one_definition(self):
        self.define('[services.web]\nrun="sleep 60"\ninstances=3')
        service = self.call("GET", "/api/tasks/web")
        self.assertEqual((service["kind"], service["instances"], service["restart"]),
                         ("service", 3, "always"))
        self.call("GET", "/api/tasks/nope", expect=404)

    def test_group_and_description_change_nothing_else(self):
        self.define('[tasks.a]\nrun="echo hi"\ngroup="G"\ndescription="D"')
        self.assertEqual(self.output(self.wait_ended(self.start("a"))), ["hi"])


class Starts(RunnerCase):
    def test_a_start_is_a_pending_run(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"')
        run = self.start("job")
        self.assertEqual((run["status"], run["task_name"], run["triggered_by"],
                          run["retry_attempt"], run["instance_index"]),
                         ("pending", "job", "api", 0, 0))
        self.wait_running(run)
        self.open()
        ended = self.wait_ended(run)
        self.assertEqual((ended["end_reason"], ended["exit_code"]), ("success", 0))
        self.assertLessEqual(ended["created_at"], ended["start_at"])
        self.assertLessEqual(ended["start_at"], ended["end_at"])

    def test_who_may_not_start(self):
        self.define('[tasks.nightly]\nrun="true"\ncron="0 0 1 1 *"\napi_trigger=false\n'
                    '[services.web]\nrun="sleep 60"')
        for path, status in (("/api/tasks/nightly/run", 403), ("/api/tasks/nope/run", 404),
                             ("/api/tasks/web/run", 409)):
            self.assert_problem(self.server.post(path), status)
        schedule = self.schedule_of("nightly")
        self.assert_problem(self.server.post(f"/v1/schedules/{schedule}/run"), 403)
        self.assertEqual(self.runs("nightly"), [])

    def schedule_of(self, name):
        schedules = self.call("GET", "/v1/schedules?limit=1000")["schedules"]
        return next(one["id"] for one in schedules if one["name"] == name)

    def test_definitions_are_seen_on_the_native_surface_and_changed_in_the_file_alone(self):
        self.define('[tasks.job]\nrun="true"\ncron="0 0 1 1 *"')
        schedule = self.schedule_of("job")
        path = f"/v1/schedules/{schedule}"
        self.assertEqual(self.call("GET", path)["cron"], "0 0 1 1 *")
        self.assert_problem(self.server.client.call("PATCH", path, {"cron": "* * * * *"}), 409)
        self.assert_problem(self.server.client.call("DELETE", path), 409)
        for action in ("pause", "resume"):
            self.assert_problem(self.server.post(f"{path}/{action}"), 409)
        self.assert_problem(self.server.post(f"/tasks/{schedule[9:]}/cancel"), 409)
        run = self.call("POST", f"{path}/run", expect=201)
        wait_until(lambda: self.runs("job")[0]["status"] == "ended", "it ran")
        self.assertTrue(run)

    def test_a_command_is_never_taken_from_the_api(self):
        body = {"cron": "0 9 * * *", "timezone": "UTC",
                "task_template": {"command": {"args": ["true"]}}}
        self.assert_problem(self.server.post("/v1/schedules", body), 422)
        self.assert_problem(self.server.post("/v1/schedules", {
            "schedule_kind": "service", "task_template": {"task_type": "x"}}), 422,
            "body.schedule_kind")

    def test_the_servers_own_queues_are_nobodys(self):
        for name in ("\x01", "\x02"):
            self.assert_problem(self.server.post("/v1/tasks", {"task_type": name}), 422,
                                "body.task_type")
        self.assertIn(self.server.post("/v1/queues/%01/lease", {}).status, (404, 422))


class Lists(RunnerCase):
    def test_filters_and_sorting(self):
        self.define('[tasks.good]\nrun="true"\n[tasks.bad]\nrun="exit 3"\n[tasks.worse]\nrun="exit 9"')
        for name in ("good", "bad", "worse", "good"):
            self.wait_ended(self.start(name))

        def found(query):
            answer = self.call("GET", f"/api/runs?{query}")
            self.assertEqual(answer["total"], len(answer["runs"]))
            return [run["task_name"] for run in answer["runs"]]
        before = "created_after=" + self.runs("bad")[0]["created_at"] + "&"
        self.assertEqual(found("task_name=good&limit=2"), ["good", "good"])
        self.assertEqual(found(f"{before}status=failed"), ["worse", "bad"])
        self.assertEqual(found(f"{before}status=failed,success"), ["good", "worse", "bad"])
        self.assertEqual(found(f"{before}status=running"), [])
        self.assertEqual(found(f"{before}exit_code_min=4"), ["worse"])
        self.assertEqual(found(f"{before}exit_code_min=1&exit_code_max=4"), ["bad"])
        self.assertEqual(found(f"{before}sort_field=exit_code&sort_direction=asc"),
                         ["good", "bad", "worse"])
        self.assertEqual(found(f"{before}sort_field=task_name&sort_direction=desc"),
                         ["worse", "good", "bad"])
        self.assertEqual(found(f"{before}search=wors"), ["worse"])
        self.assertEqual(found(f"{before}triggered_by=cron"), [])

    def test_pages(self):
        self.define('[tasks.job]\nrun="true"')
        ids = [self.wait_ended(self.start("job"))["id"] for _ in range(5)]
        pages = [self.call("GET", f"/api/tasks/job/runs?limit=2&offset={offset}")
                 for offset in (0, 2, 4)]
        self.assertEqual([run["id"] for page in pages for run in page["runs"]], ids[::-1])
        self.assertEqual([page["total"] for page in pages], [5, 5, 5])

    def test_a_run_is_found_under_its_task_and_by_itself(self):
        self.define('[tasks.a]\nrun="true"\n[tasks.b]\nrun="true"')
        run = self.wait_ended(self.start("a"))
        for path in (f"/api/tasks/a/runs/{run['id']}", f"/api/runs/{run['id']}"):
            self.assertEqual(self.call("GET", path)["id"], run["id"])
        self.call("GET", f"/api/tasks/b/runs/{run['id']}", expect=404)
        self.call("GET", "/api/runs/nope", expect=404)

    def test_ended_runs_can_be_deleted_and_active_ones_not(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"')
        run = self.start("job")
        self.wait_running(run)
        self.call("DELETE", f"/api/tasks/job/runs/{run['id']}", expect=409)
        self.open()
        self.wait_ended(run)
        answer = self.server.client.call("DELETE", f"/api/tasks/job/runs/{run['id']}")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.call("GET", f"/api/runs/{run['id']}", expect=404)
        self.call("GET", f"/api/runs/{run['id']}/log", expect=404)
        self.assertEqual(self.runs("job"), [])

    def test_history_of_what_was_removed_stays(self):
        self.define('[tasks.gone]\nrun="echo bye"')
        run = self.wait_ended(self.start("gone"))
        self.define("")
        self.call("GET", "/api/tasks/gone", expect=404)
        self.assertEqual(self.get_run(run)["task_name"], "gone")
        self.assertEqual(self.output(run), ["bye"])
        listed = self.call("GET", "/api/runs?task_name=gone")["runs"]
        self.assertEqual([one["id"] for one in listed], [run["id"]])

    def test_the_summary_counts_all(self):
        before = self.call("GET", "/api/runs/summary")
        self.define('[tasks.good]\nrun="true"\n[tasks.bad]\nrun="false"')
        self.wait_ended(self.start("good"))
        failed = self.wait_ended(self.start("bad"))
        after = self.call("GET", "/api/runs/summary")
        moved = {name: after[name] - before[name] for name in ("total", "success", "failed")}
        self.assertEqual(moved, {"total": 2, "success": 1, "failed": 1})
        self.assertEqual(after["last_failure"], failed["end_at"])


class Errors(RunnerCase):
    def test_each_fault_has_an_entry(self):
        answer = self.server.get("/api/runs?limit=0&offset=-1&status=asleep&sort_field=x&nope=1")
        problem = self.assert_problem(answer, 422, "query.limit", "query.offset", "query.status",
                                      "query.sort_field", "query.nope")
        self.assertEqual(problem["type"], "about:blank")
        self.assertTrue(all(fault["message"] for fault in problem["errors"]))
        self.assert_problem(self.server.get("/api/runs?limit=1001"), 422, "query.limit")

    def test_errors_and_answers_name_their_schema_and_it_is_served(self):
        self.define('[tasks.job]\nrun="true"')
        answers = [self.server.get("/api/tasks/nope"), self.server.get("/api/nope"),
                   self.server.client.call("PUT", "/api/tasks", {}), self.server.post("/api/tasks/job/run"),
                   self.server.get("/api/runs"), self.server.get("/api/tasks/job"),
                   self.server.get("/api/info"), self.server.get("/api/runs/summary")]
        for answer in answers:
            link = answer.json["$schema"]
            path = link[link.index("/schemas/"):]
            schema = self.server.get(path)
            self.assertEqual(schema.status, 200, link)
            required = schema.json.get("required", [])
            self.assertLessEqual(set(required), set(answer.json), link)
            self.assertLessEqual(set(answer.json) - {"request_id"}, set(schema.json["properties"]),
                                 link)
        self.call("GET", "/schemas/Nope.json", expect=404)

    def test_a_token_is_needed(self):
        answer = self.server.client.call("GET", "/api/tasks", headers={"Authorization": "Bearer x"})
        self.assertEqual(answer.status, 401)
        self.assertIn("$schema", answer.json)


if __name__ == "__main__":
    case.main()
