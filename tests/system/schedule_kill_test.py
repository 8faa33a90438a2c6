"""Schedules on the real clock under kill -9: every second of every schedule has one record."""

import collections
import random
import time

import case
from instants import to_seconds
from schedule_case import ScheduleCase

KILLS = 12
SCHEDULES = 10


class Ledger(ScheduleCase):
    clock = None

    def setUp(self):
        super().setUp()
        self.queue = case.unique("tick")

    def ticking(self, **changes):
        policies = {"catch_up": "all", "catch_up_window": None, "on_overlap": "allow",
                    "task_template": self.pull(self.queue), **changes}
        return self.make(cron="* * * * * *", **policies)

    def seconds(self, schedule_id):
        """The moments its records stand for."""
        counted = collections.Counter()
        for task in self.tasks(schedule_id, "?limit=1000"):
            first = round(to_seconds(task["scheduled_for"]))
            stands = task.get("stands_for")
            last = round(to_seconds(stands["last"])) if stands else first
            if stands:
                self.assertEqual(last - first + 1, stands["count"])
            counted.update(range(first, last + 1))
        return counted

    def test_kills_leave_no_gap_and_no_double(self):
        dice = random.Random(7)
        plans = [{"lead": "0s"}, {"lead": "2s"}, {"lead": "0s", "on_overlap": "queue"},
                 {"lead": "2s", "on_overlap": "skip"}, {"lead": "0s", "catch_up": "skip"}]
        made = [self.ticking(**plans[number % len(plans)]) for number in range(SCHEDULES)]
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.1, 0.9))
            self.server.kill()
            time.sleep(dice.uniform(0.0, 0.3))
            self.server.start()
        end = int(time.time()) + 1
        case.wait_until(lambda: time.time() > end + 0.5, "the last second has passed")
        for one in made:
            self.command(one["id"], "pause")
            counted = self.seconds(one["id"])
            first = int(to_seconds(one["created_at"])) + 1
            self.assertEqual({second: counted[second] for second in range(first, end + 1)},
                             {second: 1 for second in range(first, end + 1)}, one)

    def test_a_snooze_survives_a_kill(self):  # AC-049
        made = self.make(cron="0 9 * * *", lead="0s", task_template=self.pull(self.queue))
        moved = self.command(made["id"], "snooze", {"delay": "1h"})["next_execution_at"]
        self.server.restart()
        self.assertEqual(self.schedule(made["id"])["next_execution_at"], moved)
        self.assertEqual(to_seconds(moved) - to_seconds(made["next_execution_at"]), 3600)


if __name__ == "__main__":
    case.main()
