"""GET /metrics: what Prometheus would read, and that promtool finds no fault with it."""

import re
import subprocess

import case
from client import Client
from receiver import Plan

LINE = re.compile(r'^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Metrics(case.ServerCase):
    def text(self):
        answer = self.server.client.call("GET", "/metrics")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["content-type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        return answer.body.decode()

    def read(self):
        """{(name, frozenset of labels): value}"""
        found = {}
        for line in self.text().splitlines():
            if not line or line.startswith("#"):
                continue
            name, labels, value = LINE.match(line).groups()
            key = (name, frozenset(LABEL.findall(labels or "")))
            self.assertNotIn(key, found, line)
            found[key] = float(value)
        return found

    def value(self, name, found=None, **labels):
        return (found or self.read()).get((name, frozenset(labels.items())), 0.0)

    def grown(self, before, name, **labels):
        """Until it has: what has happened is counted when it is on disk."""
        return case.wait_until(
            lambda: self.value(name, **labels) - self.value(name, before, **labels),
            f"{name} {labels} has grown")


class Format(Metrics):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.server.post("/v1/tenants", {"name": "acme"})
        assert made.status == 201, made

    def test_promtool_finds_no_fault(self):
        task = self.create()
        self.wait_status(task["id"], "completed")
        self.create(task_type='odd "name"\\ with all')
        checked = subprocess.run(["promtool", "check", "metrics"], input=self.text(), text=True,
                                 capture_output=True, timeout=30)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_each_metric_has_a_help_and_a_type_and_a_histogram_adds_up(self):
        text = self.text()
        kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        self.assertEqual(set(kinds), set(re.findall(r"^# HELP (\S+) \S.*$", text, re.MULTILINE)))
        found = self.read()
        for name, kind in kinds.items():
            if kind != "histogram":
                continue
            rows = [labels for known, labels in found if known == f"{name}_count"]
            self.assertTrue(rows, name)
            for labels in rows:
                steps = sorted((float(dict(each)["le"]), value) for (known, each), value
                               in found.items() if known == f"{name}_bucket" and labels <= each)
                counts = [count for _, count in steps]
                self.assertEqual(counts, sorted(counts), name)
                self.assertEqual(steps[-1], (float("inf"), found[f"{name}_count", labels]), name)

    def test_a_token_is_needed(self):
        self.assertEqual(Client(self.server.port).get("/metrics").status, 401)

    def test_all_that_is_listed_in_the_docs_is_there_and_nothing_else(self):
        task = self.create()
        self.wait_status(task["id"], "completed")
        self.create(task_type=case.unique("listed"))
        text = self.text()
        with open(f"{DOCS}/observability.md", encoding="utf-8") as page:
            listed = set(re.findall(r"^\| `((?:carillon|process)_[a-z_]+)` \|", page.read(), re.MULTILINE))
        self.assertEqual(set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)), listed)


class Counts(Metrics):
    def test_a_delivery_is_seen_from_its_request_to_its_outcome(self):
        before = self.read()
        task = self.create()
        self.wait_status(task["id"], "completed")
        self.assertEqual(self.grown(before, "carillon_attempts_total", runner="delivery",
                                    outcome="success"), 1)
        after = self.read()
        for name, labels in (("carillon_due_moments_total", {"outcome": "started"}),
                             ("carillon_start_lag_seconds_count", {}),
                             ("carillon_tasks", {"status": "completed"}),
                             ("carillon_http_requests_total",
                              {"surface": "native", "method": "POST", "route": "/v1/tasks",
                               "code": "2xx"})):
            self.assertEqual(self.value(name, after, **labels)
                             - self.value(name, before, **labels), 1, name)
        self.assertGreater(self.value("carillon_writer_sync_seconds_sum", after), 0)
        self.assertGreater(self.value("carillon_writer_batch_changes_sum", after),
                           self.value("carillon_writer_batch_changes_sum", before))
        self.assertGreaterEqual(self.value("carillon_delivery_hosts", after, breaker="closed"), 1)

    def test_attempts_that_fail_are_counted_by_how(self):
        before = self.read()
        self.receiver.on("/bad", Plan(500))
        self.wait_status(self.create(target=self.receiver.url("/bad"))["id"], "failed")
        self.assertEqual(self.grown(before, "carillon_attempts_total", runner="delivery",
                                    outcome="error"), 1)

    def test_a_queue_has_a_depth_and_an_age_until_a_worker_comes(self):
        queue = case.unique("deep")
        self.create(task_type=queue)
        self.create(task_type=queue)
        found = self.read()
        self.assertEqual(self.value("carillon_queue_tasks", found, queue=queue, state="waiting"), 2)
        self.assertIn(("carillon_queue_next_task_age_seconds", frozenset({("queue", queue)})),
                      found)
        leases = self.lease(queue)
        found = self.read()
        self.assertEqual(self.value("carillon_queue_tasks", found, queue=queue, state="waiting"), 0)
        self.assertEqual(self.value("carillon_queue_tasks", found, queue=queue,
                                    state="processing"), 2)
        before = self.read()
        self.settle("complete", *({"task_id": each["task_id"], "token": each["token"]}
                                  for each in leases))
        self.assertEqual(self.grown(before, "carillon_attempts_total", runner="lease",
                                    outcome="success"), 2)

    def test_what_is_refused_is_counted_by_its_class(self):
        before = self.read()
        self.call("GET", "/v1/tasks/none", expect=404)
        self.call("GET", "/nowhere", expect=404)
        after = self.read()
        for labels in ({"surface": "native", "method": "GET", "route": "/v1/tasks/{id}"},
                       {"surface": "service", "method": "", "route": ""}):
            self.assertEqual(self.value("carillon_http_requests_total", after, code="4xx", **labels)
                             - self.value("carillon_http_requests_total", before, code="4xx",
                                          **labels), 1, labels)

    def test_events_schedules_and_limits_are_counted(self):
        before = self.read()
        topic, queue = case.unique("topic"), case.unique("limited")
        self.call("POST", "/v1/schedules", {"cron": "0 0 1 1 *", "timezone": "UTC", "task_template":
                                            {"target": self.receiver.url()}}, expect=201)
        self.call("POST", "/v1/events", {"topic": topic, "payload": {}}, expect=202)
        self.create(task_type=queue, concurrency_key=case.unique("key"))
        self.lease(queue)
        after = self.read()
        for name, labels in (("carillon_schedules", {"status": "active"}),
                             ("carillon_events_published_total", {}),
                             ("carillon_limit_key_holders", {})):
            self.assertEqual(self.value(name, after, **labels)
                             - self.value(name, before, **labels), 1, name)

    def test_the_process_and_its_actors_are_seen(self):
        found = self.read()
        for name in ("process_resident_memory_bytes", "process_open_fds", "process_max_fds",
                     "process_start_time_seconds", "process_cpu_seconds_total"):
            self.assertGreater(self.value(name, found), 0, name)
        for actor in ("shard", "keeper", "queue", "clock", "dispatcher"):
            self.assertEqual(found["carillon_actors_silent", frozenset({("actor", actor)})], 0)


DOCS = case.os.path.join(case.os.path.dirname(case.os.path.abspath(__file__)), "../../docs")

if __name__ == "__main__":
    case.main()
