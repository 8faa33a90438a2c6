"""Components: the parts of a one-off task report by themselves (000)."""

import case
from instants import to_seconds, to_text


class Components(case.ServerCase):
    clock = "manual"

    def make(self, **changes):
        body = {"taskType": case.unique("kind"), "payload": {},
                "triggeredAt": to_text(self.server.now()), **changes}
        task = self.call("POST", "/tasks", body, expect=201)["id"]
        case.wait_until(lambda: self.read(task)["status"] == "TRIGGERED", "it fires")
        return task

    def read(self, task):
        return self.call("GET", f"/tasks/{task}")

    def report(self, task, component, kind, expect=202, **more):
        self.call("POST", f"/tasks/{task}/events", {"component": component, "type": kind, **more},
                  expect=expect)

    def test_a_finished_task_shows_its_breakdown(self):  # AC-011
        begin = self.server.now()
        task = self.make()
        self.report(task, "index", "started")
        case.wait_until(lambda: self.read(task)["status"] == "RUNNING", "a start means RUNNING")
        self.server.advance(by="PT1S")
        self.report(task, "cache", "started")
        self.report(task, "index", "progress", progress=50, message="half")
        self.server.advance(by="PT2S")
        self.report(task, "index", "completed")
        self.assertEqual(self.read(task)["status"], "RUNNING", "the other one is still open")
        self.server.advance(by="PT1.5S")
        self.report(task, "cache", "completed", message="all gone")
        case.wait_until(lambda: self.read(task)["status"] == "COMPLETED", "all have completed")

        done = self.read(task)
        self.assertEqual(to_seconds(done["scheduledFor"]), begin)
        self.assertEqual(to_seconds(done["triggeredAt"]), begin)
        self.assertEqual(to_seconds(done["finishedAt"]), begin + 4.5)
        parts = {part["name"]: part for part in done["components"]}
        self.assertEqual(sorted(parts), ["cache", "index"])
        self.assertEqual(parts["index"]["latencyMs"], 3000)
        self.assertEqual(parts["cache"]["latencyMs"], 3500)
        self.assertEqual(to_seconds(parts["index"]["startedAt"]), begin)
        self.assertEqual(to_seconds(parts["index"]["finishedAt"]), begin + 3)
        self.assertEqual({part["status"].lower() for part in parts.values()}, {"completed"})

        times = [to_seconds(event["time"]) for event in done["events"]]
        self.assertEqual(times, sorted(times))
        reported = [(event["component"], event["type"]) for event in done["events"]
                    if event.get("component")]
        self.assertEqual(reported, [("index", "started"), ("cache", "started"),
                                    ("index", "progress"), ("index", "completed"),
                                    ("cache", "completed")])
        half = next(event for event in done["events"] if event["type"] == "progress")
        self.assertEqual((half["progress"], half["message"]), (50, "half"))

    def test_a_failed_component_fails_the_task(self):
        task = self.make()
        self.report(task, "a", "started")
        self.report(task, "b", "started")
        self.report(task, "a", "failed", message="broken pipe")
        self.assertEqual(self.read(task)["status"], "RUNNING")
        self.report(task, "b", "completed")
        case.wait_until(lambda: self.read(task)["status"] == "FAILED", "one failed, none is open")

    def test_declared_components_are_waited_for(self):
        task = self.make(components=["a", "b"])
        self.assertEqual(sorted(part["name"] for part in self.read(task)["components"]), ["a", "b"])
        self.report(task, "a", "started")
        self.report(task, "a", "completed")
        self.assertEqual(self.read(task)["status"], "RUNNING")
        self.report(task, "b", "started")
        self.report(task, "b", "completed")
        case.wait_until(lambda: self.read(task)["status"] == "COMPLETED", "both have completed")

    def test_a_report_may_say_when_it_happened(self):
        task = self.make()
        begin = self.server.now()
        self.server.advance(by="PT10S")
        self.report(task, "a", "started", time=to_text(begin + 1))
        self.report(task, "a", "completed", time=to_text(begin + 3.25))
        case.wait_until(lambda: self.read(task)["status"] == "COMPLETED", "it has completed")
        self.assertEqual(self.read(task)["components"][0]["latencyMs"], 2250)

    def test_bad_reports_are_refused(self):
        task = self.make()
        answer = self.server.post(f"/tasks/{task}/events", {"component": 5, "type": "sneezed"})
        self.assert_problem(answer, 422, "body.component", "body.type")
        unknown = "00000000-0000-0000-0000-00000000dead"
        self.report(unknown, "a", "started", expect=404)

    def test_the_breakdown_survives_a_kill(self):
        task = self.make()
        self.report(task, "a", "started")
        self.report(task, "a", "progress", progress=10)
        self.report(task, "b", "started")
        self.report(task, "b", "completed")
        before = self.read(task)
        self.server.restart()
        self.assertEqual(self.read(task)["components"], before["components"])
        self.assertEqual(self.read(task)["events"], before["events"])


if __name__ == "__main__":
    case.main()
