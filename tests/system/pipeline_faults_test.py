"""Pipelines that fail, are stopped, refused, or outlive their server."""

import json
import os

import case
from pipeline_case import PipelineCase, call, echo
from receiver import Plan


class Retries(PipelineCase):
    def test_what_ended_well_is_not_done_again(self):
        self.receiver.on("/second", Plan(500), Plan(500), Plan())
        task = self.start(call("a", self.post("/first")), call("b", self.post("/second")),
                          call("c", self.post("/third")), max_retries=3)
        done = self.advance_until(task, "completed", by="PT1M")
        self.assertEqual(len(done["attempts"]), 3)
        self.assertEqual([len(self.receiver.calls(path))
                          for path in ("/first", "/second", "/third")], [1, 3, 1])
        keys = {each.headers["idempotency-key"] for each in self.receiver.calls("/second")}
        self.assertEqual(keys, {task + "/b"})

    def test_a_step_may_have_retries_of_its_own(self):
        self.receiver.on("/job", Plan(500), Plan(500), Plan())
        task = self.start(call("a", self.post(), max_retries=2))
        done = self.advance_until(task, "completed", by="PT1M")
        self.assertEqual(len(done["attempts"]), 1)
        self.assertEqual([each.attempt for each in self.receiver.calls()], [1, 2, 3])
        task = self.start({"id": "f", "uses": "test.fail", "max_retries": 2})
        self.assertEqual(len(self.advance_until(task, "failed", by="PT1M")["attempts"]), 1)
        kinds = [news["type"] for news in self.task(task)["events"] if news.get("component") == "f"]
        self.assertEqual(kinds, ["started", "retrying", "retrying", "failed"])

    def test_items_that_ended_well_are_not_done_again(self):
        self.receiver.on("/1", Plan(500), Plan())
        url = f"http://127.0.0.1:{self.receiver.port}/${{item}}"
        task = self.start({"id": "m", "uses": "task.map",
                           "with": {"items": [0, 1, 2], "width": 1, "uses": "http.request",
                                    "with": {"method": "POST", "url": url}}}, max_retries=1)
        self.wait_status(task, "retrying")
        self.assertEqual([each.path for each in self.receiver.calls()], ["/0", "/1"])
        self.advance_until(task, "completed", by="PT1M")
        self.assertEqual([each.path for each in self.receiver.calls()], ["/0", "/1", "/1", "/2"])
        self.assertEqual({each.headers["idempotency-key"] for each in self.receiver.calls("/1")},
                         {task + "/m[1]"})

    def test_a_failing_item_stops_the_others(self):
        queue = case.unique("q")
        self.start({"id": "m", "uses": "task.map",
                    "with": {"items": [0, 1, 2], "uses": f"queue.{queue}"}})
        held = []
        case.wait_until(lambda: held.extend(self.lease(queue)) or len(held) == 3, "all are offered")
        self.settle("fail", {"task_id": held[0]["task_id"], "token": held[0]["token"],
                             "error": "no"})
        for each in held[1:]:
            self.assertEqual(self.wait_status(each["task_id"], *case.ENDED)["status"], "canceled")
        task = self.wait_status(self.task(held[0]["task_id"])["parent_id"], "failed")
        index = self.task(held[0]["task_id"])["part"].removeprefix("m[").removesuffix("]")
        self.assertIn(f"item {index}: no", self.step(task, "m")["error"])


class Deaths(PipelineCase):
    """R-28: kill -9 at each boundary between steps."""

    def test_a_kill_at_each_boundary_repeats_no_step_that_ended(self):
        queue = case.unique("gate")
        steps = []
        for number in range(4):
            self.answers(f"/{number}", {"n": number})
            steps.append(call(f"c{number}", self.post(f"/{number}", json="${steps}")))
            steps.append({"id": f"g{number}", "uses": f"queue.{queue}", "with": {"n": number}})
        task = self.start(*steps)
        for number in range(4):
            held = case.wait_until(lambda: self.lease(queue), f"gate {number} is reached")[0]
            self.assertEqual(held["payload"], {"n": number})
            self.server.restart()
            self.settle("complete", {"task_id": held["task_id"], "token": held["token"],
                                     "result": [number]})
            if number % 2 == 0:
                self.server.restart()
        done = self.wait_status(task, "completed", timeout=20)
        self.assertEqual(len(done["attempts"]), 1)
        for number in range(4):
            calls = self.receiver.calls(f"/{number}")
            self.assertLessEqual(len(calls), 1 if number == 0 or number % 2 == 0 else 2)
            given = json.loads(calls[-1].body)
            self.assertEqual(given, {f"{kind}{before}": {"status": 200, "body": {"n": before}}
                                     if kind == "c" else [before]
                                     for before in range(number) for kind in "cg"})

    def test_a_kill_during_a_fan_out_repeats_no_item_that_ended(self):
        self.receiver.on("/held", Plan(hold=True), Plan())
        url = f"http://127.0.0.1:{self.receiver.port}${{item}}"
        items = ["/a", "/b", "/held", "/c"]
        task = self.start({"id": "m", "uses": "task.map",
                           "with": {"items": items, "width": 1, "uses": "http.request",
                                    "with": {"method": "POST", "url": url}}})
        self.receiver.wait_for(1, "/held")
        self.server.restart()
        self.wait_status(task, "completed")
        self.assertEqual([each.path for each in self.receiver.calls()],
                         ["/a", "/b", "/held", "/held", "/c"])

    def test_a_call_that_kills_its_server_three_times_fails_the_step(self):
        self.receiver.on("/poison", Plan(hold=True))
        task = self.start(call("a", self.post("/poison")))
        other = self.start({"id": "w", "uses": "wait.until", "with": {"seconds": 1}})
        for life in range(1, 4):
            self.receiver.wait_for(life, "/poison")
            self.server.restart()
        done = self.wait_status(task, "failed")
        self.assertIn("crashed", self.step(done, "a")["error"])
        child = self.children(task)[0]
        self.assertEqual((child["status"], child["reason"]), ("failed", "crashed"))
        self.advance_until(other, "completed")


class Cancels(PipelineCase):
    def test_a_cancel_stops_what_is_under_way_and_what_follows_never_runs(self):
        self.receiver.on("/job", Plan(hold=True))
        task = self.start(echo("a"), call("b", self.post()), call("c", self.post("/never")))
        self.receiver.wait_for(1, "/job")
        self.act(task, "cancel")
        done = self.wait_status(task, "canceled")
        self.assertEqual([part["status"] for part in done["components"]],
                         ["completed", "failed", "declared"])
        self.assertEqual([each["status"] for each in self.children(task)], ["canceled"])
        self.assert_quiet(0, "/never")

    def test_a_cancel_ends_a_command_and_waits_for_its_end(self):
        pid_file = os.path.join(self.server.home, case.unique("pid"))
        task = self.start({"id": "a", "uses": "command.run",
                           "with": {"run": 'echo $$ >"$1"; exec sleep 600', "args": [pid_file]}})
        case.wait_until(lambda: os.path.exists(pid_file) and os.path.getsize(pid_file), "it runs")
        self.act(task, "cancel")
        self.wait_status(task, "canceled")
        with open(pid_file, encoding="ascii") as file:
            self.assertFalse(os.path.exists(f"/proc/{file.read().strip()}"))

    def test_a_cancel_ends_every_kind_of_wait(self):
        for step in ({"uses": "wait.until", "with": {"duration": "P1D"}},
                     {"uses": "wait.for_event", "with": {"topic": "t"}},
                     {"uses": "queue." + case.unique("q")},
                     {"uses": "task.map", "with": {"items": [1, 2], "uses": "queue.x"}}):
            task = self.start({"id": "a", **step})
            self.wait_step(task, "a", "started")
            self.act(task, "cancel")
            self.wait_status(task, "canceled")
            for child in self.children(task):
                self.assertEqual(child["status"], "canceled")
        self.assertEqual(self.call("POST", "/events", {"topic": "t"},
                                   expect=202)["details"]["triggered_tasks"], [])


class Refusals(PipelineCase):
    def refuse(self, step, *locations):
        places = ["body.payload.pipeline[0]" + place for place in locations]
        self.refused(422, *places, body=self.body(payload={"pipeline": [step]}))

    def test_each_fault_of_a_step_is_told_with_its_place(self):
        for step, place in (
                ({"id": "a", "uses": "email.send"}, ".uses"),
                ({"id": "a", "uses": "queue."}, ".uses"),
                ({"uses": "test.echo"}, ".id"), ({"id": "a"}, ".uses"),
                ({"id": "a\n", "uses": "test.echo"}, ".id"),
                ({"id": "a", "uses": "test.echo", "wiht": {}}, ".wiht"),
                ({"id": "a", "uses": "event.publish", "with": []}, ".with"),
                ({"id": "a", "uses": "test.echo", "if": "a ="}, ".if"),
                ({"id": "a", "uses": "test.echo", "max_retries": 11}, ".max_retries"),
                (echo("a", x=["${now+1h}"]), ".with.x[0]"),
                (echo("a", x={"y": "a ${open"}), ".with.x.y"),
                (call("a", {"method": "GET"}), ".with.url"),
                (call("a", {"url": "ftp://x"}), ".with.url"),
                (call("a", {"url": "http://x", "method": "HEAD"}), ".with.method"),
                (call("a", {"url": "http://x", "headers": {"Webhook-Id": "1"}}), ".with.headers.Webhook-Id"),
                (call("a", {"url": "http://x", "headers": []}), ".with.headers"),
                ({"id": "a", "uses": "wait.until", "with": {"until": "tomorrow"}}, ".with.until"),
                ({"id": "a", "uses": "wait.until"}, ".with"),
                ({"id": "a", "uses": "wait.for_event", "with": {"topic": "t", "match": "a ="}},
                 ".with.match"),
                ({"id": "a", "uses": "event.publish", "with": {"topic": "x" * 201}}, ".with.topic"),
                ({"id": "a", "uses": "command.run"}, ".with"),
                ({"id": "a", "uses": "command.run", "with": {"run": "rm ${params.x}"}},
                 ".with.run"),
                ({"id": "a", "uses": "task.map", "with": {"uses": "test.echo"}}, ".with.items"),
                ({"id": "a", "uses": "task.map", "with": {"items": [], "uses": "task.map"}},
                 ".with.uses"),
                ({"id": "a", "uses": "task.map", "with": {"items": [], "uses": "wait.until"}},
                 ".with.uses"),
                ({"id": "a", "uses": "task.map",
                  "with": {"items": [], "uses": "test.echo", "as": "steps"}}, ".with.as"),
                ({"id": "a", "uses": "task.map",
                  "with": {"items": {}, "uses": "test.echo"}}, ".with.items"),
                ({"id": "a", "uses": "task.map",
                  "with": {"items": [], "uses": "command.run", "with": {"run": "${item}"}}},
                 ".with.with.run")):
            with self.subTest(step=step):
                self.refuse(step, place)

    def test_ids_are_unique_and_steps_are_at_most_a_thousand(self):
        self.refused(422, "body.payload.pipeline[1].id",
                     body=self.body(payload={"pipeline": [echo("a"), echo("a")]}))
        steps = [echo(f"s{at}") for at in range(1001)]
        self.refused(422, "body.payload.pipeline", body=self.body(payload={"pipeline": steps}))

    def test_a_line_for_a_shell_may_hold_what_is_no_template(self):
        self.run_steps({"id": "a", "uses": "command.run",
                        "with": {"run": "test \"$HOME\" != '\u00e9\u0001'"}})

    def test_names_that_templates_give_cannot_reach_the_servers_own_queues(self):
        for name in ("\u0001", "\u0003", "", "a\nb"):
            task = self.run_steps(
                {"id": "m", "uses": "task.map",
                 "with": {"items": [1], "uses": "queue.${params.q}", "with": {}}},
                status="failed", params={"q": name})
            self.assertTrue(self.step(task, "m")["error"])


class WithoutCommands(PipelineCase):
    server_settings = {}

    def test_commands_are_refused(self):
        step = {"id": "a", "uses": "command.run", "with": {"args": ["/bin/true"]}}
        fan_out = {"id": "b", "uses": "task.map",
                   "with": {"items": [1], "uses": "command.run", "with": step["with"]}}
        self.refused(422, "body.payload.pipeline[0].uses", "body.payload.pipeline[1].with.uses",
                     body=self.body(payload={"pipeline": [step, fan_out]}))

    def test_a_definition_from_before_the_setting_changed_does_not_run_them(self):
        self.server.environment = {"CARILLON_COMMANDS_ALLOW_API": "true"}
        self.server.restart(hard=False)
        task = self.define(schedule_kind="manual", schedule_expr="", max_retries=0,
                           payload={"pipeline": [{"id": "a", "uses": "command.run",
                                                  "with": {"args": ["/bin/true"]}}]})["id"]
        self.server.environment = {}
        self.server.restart(hard=False)
        run = self.op(task, "run_now")["details"]["run_id"]
        done = self.wait_status(f"task_{run}", "failed")
        self.assertIn("no commands", self.step(done, "a")["error"])


if __name__ == "__main__":
    case.main()
