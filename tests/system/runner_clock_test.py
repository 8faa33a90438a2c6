"""Jobs by the clock: next runs, zones, catch-up, overlap, retention. The clock is moved by hand."""

import case
from case import wait_until
from instants import to_text
from runner_case import RunnerCase
from schedule_case import starts_at


class ByTheClock(RunnerCase):
    clock = "manual"
    server_settings = starts_at("2030-07-01T10:07:00Z")

    def go(self, moment):
        self.server.advance(to=moment)

    def at(self, minutes):
        """That many minutes after where the test began."""
        self.go(to_text(self.begin + 60 * minutes))

    def setUp(self):
        super().setUp()
        now = self.server.now()
        self.begin = (now // 3600 + 1) * 3600  # the next whole hour
        self.go(to_text(self.begin))

    def next_runs(self):
        return {task["name"]: task.get("next_run_at") for task in self.call("GET", "/api/tasks")}

    def test_next_run_at(self):
        self.go(to_text(self.begin + 7 * 60))
        self.define('[tasks.quarter]\nrun="true"\ncron="*/15 * * * *"\n[tasks.hand]\nrun="true"')
        expected = to_text(self.begin + 15 * 60).replace(".000Z", "Z")
        self.assertEqual(self.next_runs(), {"hand": None, "quarter": expected})

    def test_zones_fall_back_to_the_schedulers(self):
        jobs = ('[tasks.own]\nrun="true"\ncron="0 9 * * *"\ntimezone="America/New_York"\n'
                '[tasks.none]\nrun="true"\ncron="0 9 * * *"\n')
        self.define(f'[scheduler]\ntimezone="Europe/Berlin"\n{jobs}')
        hours = {name: at[11:16] for name, at in self.next_runs().items()}
        self.assertEqual(hours, {"own": "13:00", "none": "07:00"})
        self.define(jobs)
        self.assertEqual(self.next_runs()["none"][11:16], "09:00")

    def test_overlap_queue_keeps_the_order(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"\ncron="* * * * *"')
        self.at(1)
        first = wait_until(lambda: self.runs("job", "&status=running"), "it runs")[0]
        self.at(1.5)
        manual = self.start("job")
        self.at(2)
        self.assertEqual([run["status"] for run in self.ordered("job")],
                         ["running", "pending", "pending"])
        self.open()
        runs = self.wait_all_ended("job", 3)
        self.assertEqual([run["id"] for run in runs][:2], [first["id"], manual["id"]])
        for one, other in zip(runs, runs[1:]):
            self.assertLessEqual(one["end_at"], other["start_at"])

    def test_overlap_skip_leaves_a_record(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"\ncron="* * * * *"\non_overlap="skip"\n'
                    'retry_attempts=3')
        self.at(1)
        wait_until(lambda: self.runs("job", "&status=running"), "it runs")
        before = self.call("GET", "/api/runs/summary")
        self.at(2)
        skipped = self.runs("job", "&status=skipped")
        self.assertEqual([(run["status"], run["end_reason"], run["exit_code"]) for run in skipped],
                         [("ended", "skipped", -1)])
        self.assertEqual(self.call("GET", "/api/runs/summary")["failed"], before["failed"])
        self.open()
        self.wait_all_ended("job", 2)

    def test_a_full_queue_leaves_a_record(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"\nqueue_max=1')
        self.wait_running(self.start("job"))
        self.start("job")
        full = self.start("job")
        self.assertEqual((full["status"], full["end_reason"], full["exit_code"]),
                         ("ended", "queue_full", -1))
        self.open()
        self.wait_all_ended("job", 3)

    def test_parallelism(self):
        for policy, third in (("queue", "pending"), ("skip", "skipped"), ("terminate", "pending")):
            with self.subTest(policy=policy):
                gate = f"gate-{policy}"
                self.define(f'[tasks.{policy}]\nrun="{self.gate(gate)}"\nparallelism=2\n'
                            f'on_overlap="{policy}"')
                first, second = self.start(policy), self.start(policy)
                self.wait_running(first)
                self.wait_running(second)
                run = self.start(policy)
                self.assertIn(third, (run["status"], run.get("end_reason")))
                if policy == "terminate":
                    self.assertEqual(self.wait_ended(first)["end_reason"], "stopped")
                    self.wait_running(run)
                self.open(gate)
                self.wait_all_ended(policy, 3)

    def missed(self, policy):
        self.define(f'[tasks.job]\nrun="true"\ncron="*/15 * * * *"\ncatch_up="{policy}"')
        self.at(1)
        self.server.kill()
        self.server.environment["CARILLON_CLOCK_START"] = to_text(self.begin + 80 * 60)
        self.server.start()
        del self.server.environment["CARILLON_CLOCK_START"]
        wait_until(lambda: self.runs("job"), "the downtime is noticed")
        self.wait_all_ended("job", 1)
        return [(run["end_reason"], run["triggered_by"]) for run in self.ordered("job")]

    def test_catch_up_latest_runs_once_after_a_downtime(self):
        runs = self.missed("latest")
        self.assertEqual([reason for reason, _ in runs].count("success"), 1)
        self.at(90)
        self.wait_all_ended("job", len(runs) + 1)
        self.assertEqual(self.runs("job")[0]["triggered_by"], "cron")

    def test_catch_up_skip_runs_none_and_shows_the_gap(self):
        self.assertEqual([reason for reason, _ in self.missed("skip")], ["missed"])
        self.at(90)
        self.assertEqual(self.wait_all_ended("job", 2)[-1]["end_reason"], "success")

    def test_a_new_definition_owes_nothing(self):
        self.define('[tasks.job]\nrun="true"\ncron="* * * * *"\ncatch_up="all"')
        self.assertEqual(self.runs("job"), [])

    def test_keep_runs_and_keep_for(self):
        self.define('[tasks.job]\nrun="echo $CARILLON_RUN_ID"\nkeep_runs=5\n'
                    '[tasks.old]\nrun="true"\nkeep_runs=100\nkeep_for="1h"')
        old = self.wait_ended(self.start("old"))
        kept = [self.wait_ended(self.start("job")) for _ in range(8)]
        self.at(2)
        wait_until(lambda: len(self.runs("job")) == 5, "the sweep")
        self.assertEqual([run["id"] for run in self.ordered("job")],
                         [run["id"] for run in kept[3:]])
        for run in kept[:3]:
            self.call("GET", f"/api/runs/{run['id']}/log", expect=404)
        for run in kept[3:]:
            self.assertEqual(self.lines(run), [run["id"]])
        self.at(59)
        self.get_run(old)
        self.at(62)
        wait_until(lambda: not self.runs("old"), "the old one is swept")


if __name__ == "__main__":
    case.main()
