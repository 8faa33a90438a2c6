"""What was, what is planned and what holds back: /v1/stats, /v1/upcoming, /v1/forecast, /v1/limits."""

import collections

import case
from case import unique
from instants import to_seconds
from instants import to_text as to_long_text
from schedule_case import ScheduleCase


def to_text(seconds):
    """As the server writes it: without milliseconds where there are none."""
    return to_long_text(seconds).replace(".000Z", "Z")


class Outlook(ScheduleCase):
    def setUp(self):
        # Each test has hours of its own.
        now = self.server.now()
        self.server.advance(to=to_text(now - now % 3600 + 2 * 3600))
        self.began = self.server.now()

    def get(self, path, **query):
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return self.call("GET", f"{path}?{text}" if text else path)

    def since(self):
        return {"from": to_text(self.began), "to": to_text(self.server.now() + 60)}

    # -- stats -----------------------------------------------------------------------------------

    def sums(self, series):
        total = collections.Counter()
        for point in series["points"]:
            for name, value in point.items():
                if name != "at" and not name.endswith("_ms"):
                    total[name] += value
        return total

    def work(self, queue, fail=False, lasts=None):
        lease = self.lease(queue, lease="PT10M", maximum=1, wait="PT5S")[0]
        if lasts:
            self.server.advance(by=lasts)
        entry = {"task_id": lease["task_id"], "token": lease["token"]}
        if fail:
            self.settle("fail", {**entry, "error": "boom", "retryable": False})
        else:
            self.settle("complete", entry)

    def test_what_became_of_tasks_is_counted_by_minutes(self):
        queue = unique("q")
        for _ in range(3):
            self.create(task_type=queue)
        self.server.advance(by="PT4S")
        self.work(queue, lasts="PT10S")
        self.work(queue, fail=True)
        canceled = self.call("GET", f"/v1/tasks?task_type={queue}&status=queued")["tasks"][0]
        self.server.advance(by="PT1M")
        self.act(canceled["id"], "cancel")
        found = self.get("/v1/stats", task_type=queue, step="PT1M", **self.since())
        self.assertEqual((found["resolution"], found["step"], found["is_partial"]),
                         ("PT1M", "PT1M", False))
        points = found["series"][0]["points"]
        self.assertEqual(points[0]["at"], to_text(self.began))
        first, second = points[0], points[1]
        self.assertEqual((first["created"], first["started"], first["completed"], first["failed"]),
                         (3, 2, 1, 1))
        self.assertEqual((second["canceled"], second["created"]), (1, 0))
        self.assertAlmostEqual(first["start_lag_p50_ms"], 4_000, delta=500)
        self.assertAlmostEqual(first["run_time_p99_ms"], 10_000, delta=1_250)
        self.assertIsNone(second["run_time_p50_ms"])

    def test_groups_and_statuses(self):
        one, other = unique("q"), unique("q")
        schedule = self.make(cron="* * * * *", task_template=self.pull(one))["id"]
        self.server.advance(by="PT3M")
        self.command(schedule, "cancel")
        self.create(task_type=other)
        for kind, names in (("task_type", {one, other}), ("queue", {one, other}),
                            ("schedule", {schedule})):
            found = self.get("/v1/stats", group_by=kind, **self.since())
            self.assertEqual(found["group_by"], kind)
            self.assertLessEqual(names, {series["group"] for series in found["series"]})
        found = self.get("/v1/stats", schedule_id=schedule, **self.since())
        self.assertGreaterEqual(self.sums(found["series"][0])["created"], 3)
        by_status = {series["group"]: sum(point["count"] for point in series["points"])
                     for series in self.get("/v1/stats", group_by="status",
                                            **self.since())["series"]}
        self.assertGreaterEqual(by_status["created"], 4)
        self.assertEqual(by_status["completed"], 0)

    def test_counts_outlive_a_stop_and_hours_are_kept_longer(self):
        queue = unique("q")
        self.create(task_type=queue)
        self.server.restart(hard=False)
        self.create(task_type=queue)
        query = {"task_type": queue, **self.since()}
        self.assertEqual(self.sums(self.get("/v1/stats", **query)["series"][0])["created"], 2)
        self.server.advance(by="P4D")
        query["step"] = "PT1H"
        found = self.get("/v1/stats", **query)
        self.assertEqual(found["resolution"], "PT1H")
        self.assertEqual(self.sums(found["series"][0])["created"], 2)
        query["step"] = "PT1M"
        self.assert_problem(self.server.get("/v1/stats?" + "&".join(
            f"{name}={value}" for name, value in query.items())), 422, "query.step")

    def test_what_cannot_be_asked_for(self):
        for query, location in (
                ("group_by=color", "group_by"), ("step=PT90S", "step"), ("step=x", "step"),
                ("from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", "to"),
                ("schedule_id=x", "schedule_id"), ("group_by=queue&task_type=a", "task_type"),
                ("from=2029-01-02T00:00:00Z&to=2029-12-30T00:00:00Z&step=PT1H", "step")):
            with self.subTest(query):
                self.assert_problem(self.server.get(f"/v1/stats?{query}"), 422, f"query.{location}")
        for path in ("upcoming?to=x&limit=0&cursor=c", "forecast?step=PT0S&group_by=status"):
            self.assert_problem(self.server.get(f"/v1/{path}"), 422)

    # -- upcoming ----------------------------------------------------------------------------------

    def test_tasks_and_moments_in_the_order_of_time(self):
        queue = unique("q")
        now = self.began
        schedule = self.make(cron="*/20 * * * *", name="thrice",
                             task_template=self.pull(queue))["id"]
        self.addCleanup(self.command, schedule, "cancel")
        tasks = [self.create(task_type=queue, execute_after=to_text(now + seconds))["id"]
                 for seconds in (1800, 600, 7200)]
        window = {"from": to_text(now), "to": to_text(now + 3601)}
        found = self.get("/v1/upcoming", **window)
        mine = [(item["at"], item["kind"], item["task_id"] or item["schedule_id"])
                for item in found["items"]
                if item["task_id"] in tasks or item["schedule_id"] == schedule]
        moments = [(to_text(now + seconds), "moment", schedule) for seconds in (1200, 2400, 3600)]
        if mine and mine[0][0] == to_text(now):
            mine = mine[1:]
        self.assertEqual(mine, sorted([*moments, (to_text(now + 1800), "task", tasks[0]),
                                       (to_text(now + 600), "task", tasks[1])]))
        paged, query = [], dict(window, limit=1)
        while True:
            page = self.get("/v1/upcoming", **query)
            paged += page["items"]
            if not page["has_more"]:
                break
            query["cursor"] = page["next_cursor"]
        self.assertEqual(paged, found["items"])

    def test_what_was_upcoming_is_what_fired(self):
        queue = unique("q")
        schedules = [self.make(**rule, task_template=self.pull(queue), overlap=...)["id"]
                     for rule in ({"cron": "*/7 * * * *"}, {"cron": "@every 11m"},
                                  {"cron": "5,50 * * * *", "timezone": "Asia/Kolkata"})]
        now = self.server.now()
        span = {"from": to_text(now + 1), "to": to_text(now + 3 * 3600)}
        upcoming = collections.Counter(
            (item["schedule_id"], item["at"])
            for item in self.get("/v1/upcoming", limit=1000, **span)["items"]
            if item["schedule_id"] in schedules)
        load = {series["group"]: series["starts"]
                for series in self.get("/v1/forecast", group_by="schedule", limit=100,
                                       **span)["series"]}
        for at in range(600, 3 * 3600 + 1, 600):
            self.server.advance(to=to_text(now + at))
        fired = collections.Counter(
            (schedule, at) for schedule in schedules for at in self.planned(schedule)
            if now + 1 <= to_seconds(at) < now + 3 * 3600)
        self.assertEqual(upcoming, fired)
        self.assertGreater(len(fired), 40)
        for schedule in schedules:
            self.assertEqual(load[schedule],
                             sum(1 for other, _ in fired if other == schedule))

    # -- forecast ------------------------------------------------------------------------------------

    def test_a_forecast_multiplies_starts_by_how_long_they_took(self):
        queue = unique("q")
        self.create(task_type=queue)
        self.work(queue, lasts="PT2M")
        now = self.server.now()
        ahead = now - now % 3600 + 3600
        for _ in range(4):
            self.create(task_type=queue, execute_after=to_text(ahead + 600))
        found = self.get("/v1/forecast", **{"from": to_text(ahead), "to": to_text(ahead + 3600)},
                         step="PT1M", group_by="task_type")
        mine = next(series for series in found["series"] if series["group"] == queue)
        self.assertEqual(mine["starts"], 4)
        self.assertEqual(mine["points"][10]["starts"], 4)
        self.assertAlmostEqual(mine["points"][10]["concurrency"], 4)
        self.assertAlmostEqual(mine["points"][11]["concurrency"], 4)
        self.assertAlmostEqual(mine["points"][13]["concurrency"], 0, delta=0.5)
        self.assertFalse(found["is_cut"])
        self.assertGreaterEqual(found["peak_starts"]["value"], 4)
        self.assertEqual(found["peak_concurrency"]["at"], to_text(ahead + 600))

    # -- limits ----------------------------------------------------------------------------------------

    def test_keys_in_use(self):
        key, queue = unique("key"), unique("q")
        tasks = [self.create(task_type=queue, concurrency_key=key, concurrency_limit=2)["id"]
                 for _ in range(3)]
        self.call("GET", f"/v1/limits/{key}", expect=404)
        leases = self.lease(queue, maximum=10)
        self.assertEqual(len(leases), 2)
        found = self.call("GET", f"/v1/limits/{key}")
        self.assertEqual((found["key"], found["kind"], found["concurrency"], found["rate"],
                          found["held"]), (key, "key", 2, None, 2))
        self.assertEqual(set(found["holders"]), {lease["task_id"] for lease in leases})
        waits = [{"queue": queue, "next_task_id": task} for task in tasks
                 if task not in found["holders"]]
        self.assertEqual(found["waiting"], waits)
        page = self.call("GET", "/v1/limits")
        self.assertIn(found, page["limits"])
        self.assertIn("commands_in_flight", {one["name"] for one in page["server"]})
        self.settle("complete", *({"task_id": lease["task_id"], "token": lease["token"]}
                                  for lease in leases))

    def test_a_rate_names_the_next_start_and_pages_go_on(self):
        keys = sorted(unique("rate") for _ in range(3))
        queue = unique("q")
        for key in keys:
            self.create(task_type=queue, concurrency_key=key, concurrency_limit=5,
                        rate_limit={"limit": 1, "period": "PT1H"})
        self.server.advance(by="PT2H")
        leases = self.lease(queue, maximum=10)
        self.assertEqual(len(leases), 3)
        found = self.call("GET", f"/v1/limits/{keys[0]}")
        self.assertEqual(found["rate"], {"limit": 1, "period": "PT1H"})
        self.assertEqual(found["next_start_at"], to_text(self.server.now() + 3600))
        shown, cursor = [], None
        while True:
            page = self.get("/v1/limits", limit=1, **({"cursor": cursor} if cursor else {}))
            shown += [one["key"] for one in page["limits"]]
            if not page["has_more"]:
                break
            cursor = page["next_cursor"]
        self.assertEqual([key for key in shown if key in keys], keys)

    def test_limits_of_queues(self):
        queue = unique("q")
        self.call("PATCH", f"/v1/queues/{queue}", {"concurrency": 1})
        self.create(task_type=queue)
        lease = self.lease(queue)[0]
        found = next(one for one in self.call("GET", "/v1/limits")["limits"]
                     if one["kind"] == "queue" and one["key"] == queue)
        self.assertEqual((found["concurrency"], found["holders"]), (1, [lease["task_id"]]))


if __name__ == "__main__":
    case.main()
