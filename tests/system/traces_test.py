"""W3C Trace Context: from whoever asks for a task to whoever does it."""

import json
import re

import case
from receiver import Plan

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
GIVEN = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "rojo=1,congo=t61"}
PARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-01$")


class Traces(case.ServerCase):
    def post(self, path, body, expect=201, headers=None):
        return self.call("POST", path, body, expect=expect, headers=headers or GIVEN)

    def spans(self, calls, trace=TRACE):
        """The span of each call, all of them in the trace."""
        found = []
        for call in calls:
            match = PARENT.match(call.headers["traceparent"])
            self.assertEqual(match.group(1), trace)
            found.append(match.group(2))
        return found

    def test_a_task_keeps_its_trace_and_each_attempt_is_a_span_of_its_own(self):
        self.receiver.on("/flaky", Plan(500), Plan(500), Plan(200))
        task = self.post("/v1/tasks", {"target": self.receiver.url("/flaky"), "retry":
                                       {"max_retries": 2, "backoff": "fixed", "delay": "PT0.01S"}})
        self.assertEqual(task["trace_id"], TRACE)
        calls = self.receiver.wait_for(3, "/flaky")
        spans = self.spans(calls)
        self.assertEqual(len({*spans, SPAN}), 4, spans)
        self.assertEqual({call.headers["tracestate"] for call in calls}, {"rojo=1,congo=t61"})
        self.assertEqual(self.wait_status(task["id"], "completed")["trace_id"], TRACE)

    def test_a_task_without_a_trace_makes_one(self):
        tasks = [self.create() for _ in range(2)]
        for task in tasks:
            self.assertRegex(task["trace_id"], "^[0-9a-f]{32}$")
        calls = self.receiver.wait_for(2)
        traces = {PARENT.match(call.headers["traceparent"]).group(1) for call in calls}
        self.assertEqual(traces, {task["trace_id"] for task in tasks})
        self.assertEqual(len(traces), 2)
        self.assertNotIn("tracestate", calls[0].headers)

    def test_a_bad_traceparent_is_ignored(self):
        for bad in (f"00-{TRACE.upper()}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01", "nonsense"):
            task = self.post("/v1/tasks", {"task_type": "t"},
                             headers={"traceparent": bad, "tracestate": "a=1"})
            self.assertNotEqual(task["trace_id"], TRACE, bad)

    def test_a_worker_is_told_the_trace(self):
        queue = case.unique("traced")
        self.post("/v1/tasks", {"task_type": queue})
        lease = self.lease(queue)[0]
        self.assertEqual(PARENT.match(lease["traceparent"]).group(1), TRACE)
        self.assertEqual(lease["tracestate"], "rojo=1,congo=t61")

    def test_a_stream_and_a_batch_give_their_trace_to_each_task(self):
        queue = case.unique("streamed")
        lines = b"".join(json.dumps({"task_type": queue}).encode() + b"\n" for _ in range(2))
        answer = self.server.client.call("POST", "/v1/tasks", lines, headers={
            **GIVEN, "Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.status, 200, answer)
        self.post("/v1/batches", {"name": "b", "tasks": [{"task_type": queue}]})
        traces = [PARENT.match(lease["traceparent"]).group(1)
                  for lease in case.wait_until(lambda: self.lease(queue, wait="PT1S"), "leases")]
        self.assertEqual(traces, [TRACE] * 3)

    def test_the_steps_of_a_pipeline_go_on_with_its_trace(self):
        step = {"id": "one", "uses": "http.request",
                "with": {"method": "POST", "url": self.receiver.url("/step")}}
        task = self.post("/v1/tasks", {"pipeline": [step, {**step, "id": "two"}]})
        self.wait_status(task["id"], "completed")
        spans = self.spans(self.receiver.calls("/step"))
        self.assertEqual(len({*spans, SPAN}), 3)

    def test_the_runs_of_a_schedule_belong_to_who_asked_for_them(self):
        schedule = self.call("POST", "/v1/schedules", {"cron": "0 0 1 1 *", "timezone": "UTC", "task_template":
                                                       {"target": self.receiver.url("/run")}},
                             expect=201)
        run = self.post(f"/v1/schedules/{schedule['id']}/run", None)
        self.assertEqual(run["trace_id"], TRACE)
        self.spans(self.receiver.wait_for(1, "/run"))

    def test_an_event_gives_its_trace_to_what_it_leads_to(self):
        topic = case.unique("topic")
        self.call("POST", "/v1/schedules",
                  {"schedule_kind": "event", "schedule_expr": topic,
                   "task_template": {"target": self.receiver.url("/heard")}}, expect=201)
        self.post("/v1/events", {"topic": topic, "payload": {}}, expect=202)
        self.spans(self.receiver.wait_for(1, "/heard"))

    def test_a_target_that_names_a_trace_of_its_own_keeps_it(self):
        own = f"00-{'a' * 32}-{'b' * 16}-00"
        self.post("/v1/tasks", {"target": {"url": self.receiver.url("/own"),
                                           "headers": {"Traceparent": own}}})
        self.assertEqual(self.receiver.wait_for(1, "/own")[0].headers["traceparent"], own)

    def test_a_restart_keeps_the_trace(self):
        task = self.post("/v1/tasks", {"task_type": "t", "execute_after": "PT1H"})
        self.server.kill()
        self.server.start()
        self.assertEqual(self.task(task["id"])["trace_id"], TRACE)


if __name__ == "__main__":
    case.main()
