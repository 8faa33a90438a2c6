"""Pipelines: what steps read, what each kind of them does and gives, and how large all may be."""

import json
import os

import case
from instants import to_seconds
from pipeline_case import PipelineCase, call, echo
from receiver import Plan


class Values(PipelineCase):
    def test_a_whole_template_keeps_its_type_and_others_become_text(self):
        big = 12345678901234567890
        given = {"list": [1, {"a": None}, 2.50, big], "text": "x", "flag": True}
        output = self.output_of(
            echo("e", whole="${params.list}", number="${params.list[3]}", none="${params.nothing}",
                 text="n=${params.list[3]} f=${params.flag} l=${params.list[1]} z=${params.zero}.",
                 plain="$${params.text} costs $5", brace="${ {a: params.text} }",
                 raw="${join('}', [params.text, params.text])}"),
            params=given)
        self.assertEqual(output, {
            "whole": given["list"], "number": big, "none": None,
            "text": f'n={big} f=true l={{"a":null}} z=.', "plain": "${params.text} costs $5",
            "brace": {"a": "x"}, "raw": "x}x"})

    def test_what_came_is_read_only_once(self):
        output = self.output_of(echo("a", text="${params.t}"), echo("b", text="${steps.a.text}"),
                                {"id": "m", "uses": "task.map",
                                 "with": {"items": ["${params.t}"], "uses": "test.echo",
                                          "with": {"v": "${item}"}}},
                                params={"t": "${now}"})
        self.assertEqual(output, [{"v": "${now}"}])

    def test_steps_read_the_event_params_now_and_each_other(self):
        topic = case.unique("topic")
        steps = [echo("a", who="${event.who}", times="${params.times}"),
                 {**echo("b", first="${steps.a.who}", at="${now}"), "save_as": "second"},
                 echo("c", same="${steps.second == steps.b}", gone="${steps.nobody.x}")]
        task = self.define(schedule_kind="event", schedule_expr=topic,
                           payload={"pipeline": steps, "params": {"times": 3}})["id"]
        self.call("POST", "/events", {"topic": topic, "payload": {"who": "me"}}, expect=202)
        output = self.wait_runs(task, 1)[0]["output"]
        self.assertEqual(output["a"], {"who": "me", "times": 3})
        self.assertEqual(output["b"]["first"], "me")
        self.assertAlmostEqual(to_seconds(output["b"]["at"]), self.server.now(), delta=1)
        self.assertEqual(output["c"], {"same": True, "gone": None})
        self.assertEqual(output["second"], output["b"])

    def test_a_step_whose_condition_is_false_is_skipped(self):
        task = self.run_steps(
            echo("a", n=5), {**echo("b"), "if": "steps.a.n > `9`"},
            {**echo("c"), "if": "steps.a.n > `1` && !(steps.b)"}, echo("d", b="${steps.b}"))
        self.assertEqual([part["status"] for part in task["components"]],
                         ["completed", "skipped", "completed", "completed"])
        self.assertEqual(self.step(task, "d")["output"], {"b": None})

    def test_what_cannot_be_evaluated_fails_the_step_and_is_not_tried_again(self):
        for step, word in (({**echo("a"), "if": "abs('x')"}, "condition"),
                           (echo("a", x="${abs('x')}"), "abs")):
            task = self.run_steps(step, status="failed", max_retries=3)
            self.assertEqual(len(task["attempts"]), 1)
            self.assertIn(word, self.step(task, "a")["error"])
            self.assertIn("step a", task["attempts"][0]["error"])


class Kinds(PipelineCase):
    def test_a_call_sends_what_it_is_told_and_gives_the_answer(self):
        self.answers("/job", {"id": 7, "big": 12345678901234567890})
        task = self.run_steps(
            call("a", self.post(json={"n": "${params.n}"}, headers={"X-Mine": "${params.n}!"})),
            call("b", self.post("/text", body="hello ${steps.a.body.id}")),
            call("c", {"url": self.receiver.url("/get")}), params={"n": 4})
        first = self.receiver.calls("/job")[0]
        self.assertEqual((json.loads(first.body), first.headers["x-mine"]), ({"n": 4}, "4!"))
        self.assertEqual(first.headers["idempotency-key"], task["id"] + "/a")
        self.assertEqual(self.step(task, "a")["output"],
                         {"status": 200, "body": {"id": 7, "big": 12345678901234567890}})
        second = self.receiver.calls("/text")[0]
        self.assertEqual(second.body, b"hello 7")
        self.assertTrue(second.headers["content-type"].startswith("text/plain"))
        self.assertEqual(self.step(task, "c")["output"], {"status": 200, "body": ""})
        self.assertEqual(task["result"]["c"], {"status": 200, "body": ""})

    def test_an_answer_that_is_no_json_is_text(self):
        self.receiver.on("/job", Plan(body=b"caf\xc3\xa9 \xff"))
        output = self.output_of(call("a", self.post()), echo("b", t="${steps.a.body}"))
        self.assertEqual(output, {"t": "caf\u00e9 \ufffd"})

    def test_a_long_answer_is_kept_up_to_its_limit(self):
        self.receiver.on("/job", Plan(body=b"x" * 300_000))
        self.assertEqual(len(self.output_of(call("a", self.post()))["body"]), 256 * 1024)

    def test_a_failed_call_fails_the_step_with_its_reason(self):
        self.receiver.on("/job", Plan(500))
        task = self.run_steps(call("a", self.post()), echo("b"), status="failed")
        self.assertIn("500", self.step(task, "a")["error"])
        self.assertEqual(self.step(task, "b")["status"], "declared")
        run = self.run_row(task["id"].removeprefix("task_"))
        self.assertIs(run["success"], False)
        self.assertIn("step a: the target answered 500", run["error"])

    def test_a_worker_does_a_step(self):
        queue = case.unique("resize")
        task = self.start({"id": "w", "uses": f"queue.{queue}", "with": {"n": "${params.n}"}},
                          echo("b", got="${steps.w.square}"), params={"n": 12})
        held = case.wait_until(lambda: self.lease(queue), "the step is offered")[0]
        self.assertEqual(held["payload"], {"n": 12})
        self.assertEqual(self.task(task)["waits_for"]["tasks"], [held["task_id"]])
        self.settle("complete", {"task_id": held["task_id"], "token": held["token"],
                                 "result": {"square": 144}})
        self.assertEqual(self.wait_status(task, "completed")["result"]["b"], {"got": 144})

    def test_a_worker_that_gives_up_fails_the_step(self):
        queue = case.unique("resize")
        task = self.start({"id": "w", "uses": f"queue.{queue}"})
        held = case.wait_until(lambda: self.lease(queue), "the step is offered")[0]
        self.settle("fail", {"task_id": held["task_id"], "token": held["token"],
                             "error": "out of paper"})
        self.assertEqual(self.step(self.wait_status(task, "failed"), "w")["error"], "out of paper")

    def test_commands_run_without_a_shell_or_with_one(self):
        path = os.path.join(self.server.home, "out")
        evil = "$(touch /tmp/never); `id` ; x\ny"
        task = self.run_steps(
            {"id": "a", "uses": "command.run",
             "with": {"args": ["/bin/sh", "-c", 'printf %s "$1" >"$2"', "-", "${params.t}", path]}},
            {"id": "b", "uses": "command.run",
             "with": {"run": 'printf %s "$T" >>"$1"; pwd >>"$1"', "env": {"T": "${params.t}"},
                      "args": [path], "working_dir": "/"}},
            params={"t": evil})
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), evil + evil + "/\n")
        self.assertEqual(self.step(task, "b")["output"]["exit_code"], 0)
        failed = self.run_steps({"id": "a", "uses": "command.run", "with": {"run": "exit 7"}},
                                status="failed")
        self.assertIn("7", self.step(failed, "a")["error"])

    def test_a_next_step_reads_what_a_command_printed(self):
        line = "echo one; echo aside >&2; printf 'two \\303\\251\\n\\n'; seq $N; printf end"
        steps = [{"id": "a", "uses": "command.run",
                  "with": {"run": line, "env": {"N": "${params.n}"}}},
                 echo("b", out="${steps.a.stdout}")]
        few = self.run_steps(*steps, params={"n": 2})
        self.assertEqual(self.step(few, "b")["output"], {"out": "one\ntwo \u00e9\n\n1\n2\nend"})
        many = self.step(self.run_steps(*steps, params={"n": 9000}), "b")["output"]["out"]
        self.assertEqual(len(many.encode()), 16 * 1024)
        self.assertTrue(many.endswith("8999\n9000\nend"))
        quiet = self.output_of({"id": "a", "uses": "command.run", "with": {"args": ["/bin/true"]}})
        self.assertEqual(quiet["stdout"], "")

    def test_a_published_event_runs_what_listens_and_wakes_what_waits(self):
        topic = case.unique("paid")
        listener = self.define(schedule_kind="event", schedule_expr=topic,
                               payload={"pipeline": [echo("a", e="${event.n}")]})["id"]
        waiting = self.start({"id": "w", "uses": "wait.for_event", "with": {"topic": topic}})
        self.wait_topic(waiting, topic)
        done = self.run_steps({"id": "p", "uses": "event.publish",
                               "with": {"topic": topic, "payload": {"n": "${params.n}"}}},
                              params={"n": 5})
        self.assertEqual(len(self.step(done, "p")["output"]["triggered"]), 1)
        self.assertEqual(self.wait_runs(listener, 1)[0]["output"], {"a": {"e": 5}})
        self.assertEqual(self.step(self.wait_status(waiting, "completed"), "w")["output"], {"n": 5})

    def test_a_wait_for_an_event_heeds_its_match_and_its_patience(self):
        topic = case.unique("paid")
        wait = {"id": "w", "uses": "wait.for_event",
                "with": {"topic": topic, "match": "event.order == params.order",
                         "timeout_seconds": 60}}
        first = self.start(wait, params={"order": 1})
        second = self.start(wait, params={"order": 2})
        for task in (first, second):
            self.wait_topic(task, topic)
        self.server.restart()
        for payload in ({"order": 3}, {"order": 1}, "text", None):
            self.call("POST", "/events", {"topic": topic, "payload": payload}, expect=202)
        self.assertEqual(self.step(self.wait_status(first, "completed"), "w")["output"],
                         {"order": 1})
        self.assertEqual(self.task(second)["status"], "processing")
        self.server.advance(by="PT61S")
        error = self.step(self.wait_status(second, "failed"), "w")["error"]
        self.assertIn("came in time", error)

    def test_a_pause_lasts_as_long_as_it_is_told(self):
        begin = self.server.now()
        task = self.start({"id": "a", "uses": "wait.until", "with": {"duration": "PT1H"}},
                          {"id": "b", "uses": "wait.until", "with": {"seconds": 1.5}},
                          {"id": "c", "uses": "wait.until", "with": {"until": "${params.t}"}},
                          params={"t": "2000-01-01T00:00:00Z"})
        self.wait_step(task, "a", "started")
        self.server.advance(by="PT59M59S")
        self.server.restart()
        self.assertEqual(self.step(self.task(task), "a")["status"], "started")
        self.server.advance(by="PT1S")
        self.assertEqual(to_seconds(self.step(self.task(task), "a")["output"]["until"]),
                         begin + 3600)
        self.server.advance(by="PT2S")
        self.wait_status(task, "completed")

    def test_a_fan_out_gives_the_results_in_the_order_of_its_list(self):
        self.receiver.on("/slow", Plan(hold=True))
        steps = [{"id": "m", "uses": "task.map",
                  "with": {"items": "${params.paths}", "as": "path", "width": 3,
                           "uses": "http.request",
                           "with": self.post("${''}", json={"i": "${index}"})}}]
        steps[0]["with"]["with"]["url"] = f"http://127.0.0.1:{self.receiver.port}${{path}}"
        for number in range(5):
            self.answers(f"/{number}", {"number": number})
        paths = ["/slow"] + [f"/{number}" for number in range(5)]
        task = self.start(*steps, params={"paths": paths})
        self.receiver.wait_for(6)
        self.assertEqual(self.task(task)["status"], "processing")
        self.receiver.release()
        output = self.step(self.wait_status(task, "completed"), "m")["output"]
        self.assertEqual([each["body"] for each in output],
                         [""] + [{"number": number} for number in range(5)])
        self.assertEqual(sorted(json.loads(each.body)["i"] for each in self.receiver.calls()),
                         list(range(6)))

    def test_a_fan_out_is_never_wider_than_it_is_told(self):
        self.receiver.on("/job", Plan(hold=True))
        task = self.start({"id": "m", "uses": "task.map",
                           "with": {"items": list(range(9)), "width": 2, "uses": "http.request",
                                    "with": self.post()}})
        self.receiver.wait_for(2)
        self.assert_quiet(2)
        self.assertEqual(len(self.task(task)["waits_for"]["tasks"]), 2)
        self.receiver.release()
        self.wait_status(task, "completed")

    def test_an_empty_list_and_items_that_need_nobody(self):
        task = self.run_steps(
            {"id": "a", "uses": "task.map", "with": {"items": [], "uses": "test.echo"}},
            {"id": "b", "uses": "task.map",
             "with": {"items": list(range(1000)), "uses": "test.echo", "with": {"n": "${item}"}}})
        self.assertEqual(self.step(task, "a")["output"], [])
        self.assertEqual(self.step(task, "b")["output"], [{"n": n} for n in range(1000)])


class Native(PipelineCase):
    STEPS = [echo("a", n="${params.n}")]

    def test_a_task_may_be_a_pipeline(self):
        task = self.create(pipeline=self.STEPS, params={"n": 1}, target=None, tags=["x"])
        done = self.wait_status(task["id"], "completed")
        self.assertEqual(done["result"], {"a": {"n": 1}})
        self.assertEqual(done["payload"], {"pipeline": self.STEPS, "params": {"n": 1}})
        listed = self.call("GET", "/v1/tasks?tag=x")["tasks"][0]
        self.assertNotIn("output", listed["components"][0])

    def test_what_is_wrong_is_refused(self):
        url = self.receiver.url()
        for body, place in (
                ({"pipeline": [{"id": "a"}]}, "body.pipeline[0].uses"),
                ({"pipeline": {}}, "body.pipeline"),
                ({"pipeline": self.STEPS, "params": []}, "body.params"),
                ({"pipeline": self.STEPS, "target": url}, "body.target"),
                ({"pipeline": self.STEPS, "task_type": "t"}, "body.task_type"),
                ({"pipeline": self.STEPS, "payload": {}}, "body.payload"),
                ({"pipeline": self.STEPS, "components": ["a"]}, "body.components"),
                ({"target": url, "params": {}}, "body.params"),
                ({"pipeline": None}, "body.target")):
            with self.subTest(body=body):
                self.assert_problem(self.server.post("/v1/tasks", body), 422, place)

    def test_a_schedule_may_make_pipelines(self):
        body = {"cron": "0 8 * * *", "timezone": "UTC",
                "task_template": {"pipeline": self.STEPS, "params": {"n": 1},
                                  "retry": case.NO_RETRIES}}
        path = "/v1/schedules/" + self.call("POST", "/v1/schedules", body, expect=201)["id"]

        def ran():
            return self.wait_status(self.call("POST", path + "/run", expect=201)["id"], *case.ENDED)

        def patch(expect=200, **template):
            answer = self.server.client.call("PATCH", path, {"task_template": template})
            self.assertEqual(answer.status, expect, answer)

        self.assertEqual(ran()["result"], {"a": {"n": 1}})
        patch(pipeline=[echo("b")])
        self.assertEqual(ran()["result"], {"b": {}})
        patch(422, payload={"pipeline": [{"id": "a", "uses": "nothing"}]})
        patch(422, pipeline=[{"id": "a", "uses": "nothing"}])
        patch(target=self.receiver.url("/now"))
        self.assertEqual(ran()["attempts"][0]["http_status"], 200)
        patch(pipeline=self.STEPS, params={"n": 2})
        self.assertEqual(ran()["result"], {"a": {"n": 2}})


class Sizes(PipelineCase):
    def test_a_thousand_steps_run_in_order(self):
        steps = [echo("s0", n=0)]
        steps += [echo(f"s{at}", n=f"${{steps.s{at - 1}.n}}") for at in range(1, 1000)]
        task = self.run_steps(*steps, timeout=60.0)
        self.assertEqual(len(task["components"]), 1000)
        self.assertEqual(self.step(task, "s999")["output"], {"n": 0})

    def test_a_fan_out_over_a_thousand_items(self):
        self.receiver.on("/job", lambda made: Plan(body=made.body))
        output = self.output_of(
            {"id": "m", "uses": "task.map",
             "with": {"items": list(range(1000)), "width": 50, "uses": "http.request",
                      "with": self.post(json={"i": "${item}"})}}, timeout=100.0)
        self.assertEqual([each["body"]["i"] for each in output], list(range(1000)))
        self.assertEqual(len(self.receiver.calls()), 1000)

    def test_what_the_steps_keep_is_bounded(self):
        self.receiver.on("/job", Plan(body=b"x" * 256 * 1024))
        steps = [call(f"s{at}", self.post()) for at in range(18)]
        task = self.run_steps(*steps, status="failed")
        self.assertIn("more than a task may keep", task["attempts"][0]["error"])
        self.assertLess(len(self.receiver.calls()), 18)


if __name__ == "__main__":
    case.main()
