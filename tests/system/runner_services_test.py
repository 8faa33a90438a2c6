"""Services: always on, by instance; stopped, started and restarted by people."""

import os
import signal
import time

import case
from case import wait_until
from instants import to_seconds
from runner_case import RunnerCase, wait_gone

STAYS = "echo $$ $CARILLON_INSTANCE; exec sleep 300"


class Services(RunnerCase):
    def instances(self, name="web"):
        """The running runs by instance, once each has said who it is."""
        running = {run["instance_index"]: run
                   for run in self.runs(name, "&status=running") if self.lines(run)}
        return running

    def wait_instances(self, count, name="web", but=()):
        """Until so many instances run, none of them one of `but`."""
        def look():
            running = self.instances(name)
            return running if len(running) == count and not (
                {run["id"] for run in running.values()} & set(but)) else None
        return wait_until(look, f"{count} instances of {name}", 20)

    def pid(self, run):
        return int(self.lines(run)[0].split()[0])

    def command(self, action, name="web", expect=200):
        return self.call("POST", f"/api/tasks/{name}/{action}", expect=expect)

    def test_instances_have_indexes_and_the_one_that_is_killed_returns(self):
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=3')
        before = self.wait_instances(3)
        self.assertEqual(sorted(before), [0, 1, 2])
        self.assertEqual({run["triggered_by"] for run in before.values()}, {"service"})
        os.kill(self.pid(before[1]), signal.SIGKILL)
        ended = self.wait_ended(before[1])
        after = self.wait_instances(3, but=[before[1]["id"]])
        self.assertEqual((after[0]["id"], after[2]["id"]), (before[0]["id"], before[2]["id"]))
        waited = to_seconds(after[1]["start_at"]) - to_seconds(ended["end_at"])
        self.assertGreaterEqual(waited, 1.0)

    def test_restart_rules(self):
        self.define('[services.always]\nrun="exit 0"\nrestart_delay="50ms"\n'
                    '[services.failing]\nrun="exit 1"\nrestart="on_failure"\nrestart_delay="50ms"\n'
                    '[services.fine]\nrun="exit 0"\nrestart="on_failure"\nrestart_delay="50ms"\n'
                    '[services.once]\nrun="exit 1"\nrestart="never"\n')
        for name in ("always", "failing"):
            wait_until(lambda name=name: len(self.runs(name)) >= 3, f"{name} comes again")
        self.assertEqual((len(self.runs("fine")), len(self.runs("once"))), (1, 1))

    def test_stop_holds_until_start(self):
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=2')
        before = self.wait_instances(2)
        pids = [self.pid(run) for run in before.values()]
        self.assertIn("message", self.command("stop"))
        for run in before.values():
            self.assertEqual(self.wait_ended(run)["end_reason"], "stopped")
        for pid in pids:
            wait_gone(pid)
        time.sleep(1.5)
        self.assertEqual(len(self.runs("web")), 2)
        self.server.restart()
        time.sleep(0.5)
        self.assertEqual(self.runs("web", "&status=running,pending"), [])
        self.command("start")
        self.wait_instances(2)

    def test_a_rolling_restart_replaces_one_after_the_other(self):
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=3')
        before = self.wait_instances(3)
        self.command("restart")
        after = self.wait_instances(3, but=[run["id"] for run in before.values()])
        starts = [to_seconds(after[index]["start_at"]) for index in range(3)]
        ends = [to_seconds(self.get_run(before[index])["end_at"]) for index in range(3)]
        for index in range(2):
            self.assertLessEqual(ends[index], starts[index])
            self.assertLessEqual(starts[index], ends[index + 1])

    def test_only_services_are_stopped_and_started(self):
        self.define('[tasks.job]\nrun="true"')
        for action in ("stop", "start", "restart"):
            self.command(action, "job", expect=409)
            self.command(action, "nope", expect=404)

    def test_a_changed_command_is_rolled_out_by_a_reload(self):
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=2')
        before = self.wait_instances(2)
        self.define('[services.web]\nrun="echo $$ new; exec sleep 300"\ninstances=2')
        after = self.wait_instances(2, but=[run["id"] for run in before.values()])
        self.assertEqual({self.lines(run)[0].split()[1] for run in after.values()}, {"new"})

    def test_more_and_fewer_instances_leave_the_others_alone(self):
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=2')
        before = self.wait_instances(2)
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=4')
        more = self.wait_instances(4)
        self.assertEqual(more[0]["id"], before[0]["id"])
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=1')
        fewer = self.wait_instances(1)
        self.assertEqual(fewer[0]["id"], before[0]["id"])

    def test_a_removed_service_stops(self):
        self.define(f'[services.web]\nrun="{STAYS}"')
        run = self.wait_instances(1)[0]
        pid = self.pid(run)
        self.define("")
        self.assertEqual(self.wait_ended(run)["end_reason"], "stopped")
        wait_gone(pid)
        self.assertEqual(self.call("GET", "/api/runs?task_name=web&status=running")["total"], 0)

    def test_after_a_hard_kill_all_instances_return(self):
        self.define(f'[services.web]\nrun="{STAYS}"\ninstances=3')
        before = self.wait_instances(3)
        pids = [self.pid(run) for run in before.values()]
        self.server.restart()
        self.wait_instances(3, but=[run["id"] for run in before.values()])
        for pid in pids:
            wait_gone(pid)
        for run in before.values():
            self.assertEqual(self.get_run(run)["end_reason"], "crashed")


if __name__ == "__main__":
    case.main()
