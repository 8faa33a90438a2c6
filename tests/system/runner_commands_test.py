"""Commands as real processes: how they end, what they are given, and that nothing is left."""

import os
import signal
import time
import unittest

import case
from case import wait_until
from runner_case import RunnerCase, alive, seconds_since, wait_gone


class Ends(RunnerCase):
    def outcome(self, name):
        run = self.wait_ended(self.start(name))
        return run["end_reason"], run["exit_code"]

    def test_exit_codes_and_signals_are_exact(self):
        codes = (0, 1, 2, 42, 126, 255)
        text = "".join(f'[tasks.exit{code}]\nrun="exit {code}"\n' for code in codes)
        text += '[tasks.segv]\nrun="kill -SEGV $$"\n[tasks.term]\nargs=["sh","-c","kill -TERM $$"]\n'
        self.define(text)
        for code in codes:
            self.assertEqual(self.outcome(f"exit{code}"),
                             ("success" if code == 0 else "failed", code))
        self.assertEqual(self.outcome("segv"), ("failed", 128 + signal.SIGSEGV))
        self.assertEqual(self.outcome("term"), ("failed", 128 + signal.SIGTERM))

    def test_what_cannot_be_started_says_why(self):
        self.define('[tasks.none]\nargs=["/no/such/program"]\n'
                    '[tasks.nowhere]\nrun="true"\nworking_dir="/no/such/folder"\n'
                    '[tasks.nobody]\nrun="true"\nuser="no-such-user"\n')
        for name in ("none", "nowhere", "nobody"):
            self.assertEqual(self.outcome(name), ("start_failed", -1))
        run = self.runs("none")[0]
        task = self.call("GET", f"/v1/tasks/{run['id']}")
        self.assertIn("/no/such/program", task["attempts"][0]["error"])
        self.assertIn("/no/such/program", self.lines(run)[0])

    def test_arguments_are_not_read_by_a_shell(self):
        self.define("[tasks.echo]\nargs=['printf', '%s\\n', '$HOME; `id` \"x\" *', '-n']")
        run = self.wait_ended(self.start("echo"))
        self.assertEqual(self.output(run), ['$HOME; `id` "x" *', "-n"])

    def test_retries_are_runs_of_their_own(self):
        count = self.path("count")
        self.define(f'[tasks.job]\nretry_attempts=3\nretry_delay="50ms"\n'
                    f'run="echo x >> {count}; wc -l < {count}; exit 7"')
        self.start("job")
        runs = self.wait_all_ended("job", 4)
        self.assertEqual([run["retry_attempt"] for run in runs], [0, 1, 2, 3])
        self.assertEqual([run.get("retry_of_run_id") for run in runs],
                         [None] + [run["id"] for run in runs[:3]])
        self.assertEqual([self.output(run) for run in runs], [["1"], ["2"], ["3"], ["4"]])
        self.assertEqual({(run["end_reason"], run["exit_code"]) for run in runs}, {("failed", 7)})

    def test_a_job_that_is_to_restart_on_failure(self):
        count = self.path("count")
        self.define(f'[tasks.job]\nrestart="on_failure"\nrestart_delay="20ms"\n'
                    f'run="echo x >> {count}; [ $(wc -l < {count}) -ge 3 ]"')
        self.start("job")
        runs = self.wait_all_ended("job", 3)
        self.assertEqual([run["end_reason"] for run in runs], ["failed", "failed", "success"])
        self.assert_stays("job", 3)

    def assert_stays(self, name, count):
        time.sleep(case.QUIET)
        self.assertEqual(len(self.runs(name)), count)


class Stops(RunnerCase):
    def test_a_timeout_ends_the_whole_group_that_ignores_sigterm(self):
        self.define('[tasks.deaf]\ntimeout="500ms"\ngraceful_stop="500ms"\nrun=\'\'\'\n'
                    'trap "" TERM\n(trap "" TERM; echo $BASHPID $$; exec sleep 60) &\n'
                    'sh -c \'trap "" TERM; echo child $$; while :; do sleep 0.05; done\' &\n'
                    'echo main $$\nwhile :; do sleep 0.05; done\n\'\'\'\n')
        begin = time.monotonic()
        run = self.start("deaf")
        ended = self.wait_ended(run)
        self.assertEqual((ended["end_reason"], ended["exit_code"]), ("timeout", 128 + 9))
        self.assertGreaterEqual(seconds_since(begin), 1.0)
        pids = [int(line.split()[1]) for line in self.lines(run)
                if line.startswith(("main", "child"))]
        self.assertEqual(len(pids), 2)
        for pid in pids:
            wait_gone(pid)

    def test_each_retry_has_the_whole_timeout(self):
        self.define('[tasks.slow]\ntimeout="300ms"\nretry_attempts=1\nretry_delay="50ms"\n'
                    'run="sleep 60"')
        self.start("slow")
        runs = self.wait_all_ended("slow", 2)
        self.assertEqual([run["end_reason"] for run in runs], ["timeout", "timeout"])

    def test_a_stop_by_hand_ends_the_chain(self):
        self.define(f'[tasks.job]\nretry_attempts=5\nretry_delay="10ms"\nrun="{self.gate()}"')
        run = self.start("job")
        self.wait_running(run)
        self.stop(run)
        self.assertEqual(self.wait_ended(run)["end_reason"], "stopped")
        self.stop(run, expect=409)
        time.sleep(case.QUIET)
        self.assertEqual(len(self.runs("job")), 1)

    def test_a_stop_while_it_waits_for_its_retry(self):
        self.define('[tasks.job]\nretry_attempts=5\nretry_delay="1h"\nrun="false"')
        run = self.start("job")
        wait_until(lambda: self.get_run(run)["status"] == "ended", "the first try")
        self.stop(run)
        self.assertEqual(self.call("GET", f"/v1/tasks/{run['id']}")["status"], "canceled")

    def test_a_polite_command_has_its_grace_time(self):
        self.define('[tasks.job]\nrun=\'\'\'trap "echo saved; exit 3" TERM\necho ready\n'
                    'while :; do sleep 0.02; done\'\'\'')
        run = self.start("job")
        self.wait_running(run)
        self.stop(run)
        ended = self.wait_ended(run)
        self.assertEqual((ended["end_reason"], ended["exit_code"]), ("stopped", 3))
        self.assertEqual([line for line in self.output(run) if line != "Terminated"],
                         ["ready", "saved"])


class LeftBehind(RunnerCase):
    def test_a_child_that_holds_the_pipe_does_not_hold_the_run(self):
        self.define(f'[tasks.job]\nrun="sleep 300 & echo $!"')
        run = self.start("job")
        begin = time.monotonic()
        self.wait_ended(run)
        self.assertLess(seconds_since(begin), 10)
        wait_gone(int(self.output(run)[0]))

    def test_a_daemon_that_left_the_group_is_found(self):
        pid = self.path("pid")
        self.define(f'[tasks.job]\nrun="setsid sh -c \'echo $$ > {pid}; exec sleep 300\' '
                    f'</dev/null >/dev/null 2>&1 & while [ ! -s {pid} ]; do sleep 0.02; done"')
        self.wait_ended(self.start("job"))
        wait_gone(int(self.read("pid")))

    def test_a_daemon_that_hides_whose_it_is_ends_when_nothing_runs(self):
        pid = self.path("pid")
        self.define(f'[tasks.job]\nrun="env -i setsid sh -c \'echo $$ > {pid}; exec sleep 300\' '
                    f'</dev/null >/dev/null 2>&1 & while [ ! -s {pid} ]; do sleep 0.02; done"')
        self.wait_ended(self.start("job"))
        wait_gone(int(self.read("pid")))

    def test_descriptors_signals_and_environment_are_the_childs_own(self):
        self.define('[tasks.fds]\nrun="ls /proc/self/fd | wc -l"\n'
                    '[tasks.signals]\nrun="grep -E \'Sig(Blk|Ign)\' /proc/self/status"\n'
                    '[tasks.env]\nrun="env | sort"\nenv={GREETING="hello", TZ="UTC"}\n'
                    '[tasks.dir]\nrun="pwd"\nworking_dir="/usr"\n')
        self.assertEqual(self.output(self.wait_ended(self.start("fds"))), ["4"])  # and ls's own
        for line in self.output(self.wait_ended(self.start("signals"))):
            self.assertEqual(int(line.split()[1], 16), 0, line)
        run = self.wait_ended(self.start("env"))
        found = dict(line.split("=", 1) for line in self.output(run))
        self.assertEqual(found["GREETING"], "hello")
        self.assertEqual(found["CARILLON_TASK"], "env")
        self.assertEqual(found["CARILLON_RUN_ID"], run["id"])
        self.assertEqual(found["CARILLON_ATTEMPT"], "1")
        allowed = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "PWD", "_",
                   "SHLVL", "OLDPWD", "GREETING"}
        others = {name for name in found if name not in allowed
                  and not name.startswith(("CARILLON_", "LC_"))}
        self.assertEqual(others, set())
        self.assertEqual(self.output(self.wait_ended(self.start("dir"))), ["/usr"])

    @unittest.skipUnless(os.getuid() == 0, "only root can become somebody else")
    def test_another_user_and_a_limit_of_processes(self):
        self.define('[tasks.who]\nrun="id -un; id -gn"\nuser="nobody:daemon"\n'
                    '[tasks.bomb]\nuser="nobody"\nmax_processes=40\ntimeout="2s"\n'
                    'graceful_stop="0s"\nrun="bomb() { bomb | bomb & }; bomb; sleep 60"\n')
        self.assertEqual(self.output(self.wait_ended(self.start("who"))), ["nobody", "daemon"])
        run = self.start("bomb")
        self.wait_ended(run, 30)
        self.call("GET", "/api/tasks")

        def left():
            return [pid for pid in os.listdir("/proc") if pid.isdigit() and self.is_of(pid, run)]
        wait_until(lambda: not left(), "no process of the bomb is left", 20)

    def is_of(self, pid, run):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                return f"CARILLON_RUN_ID={run['id']}".encode() in file.read()
        except OSError:
            return False


class ServerEnds(RunnerCase):
    def test_after_a_hard_kill_runs_are_crashed_and_their_processes_are_gone(self):
        self.define(f'[tasks.job]\nrun="{self.gate()}"\n'
                    f'[tasks.daemon]\nrun="setsid sh -c \'echo $$; exec sleep 300\' & wait"')
        run, daemon = self.start("job"), self.start("daemon")
        self.wait_running(run)
        self.wait_running(daemon)
        pids = [int(self.lines(run)[0].split()[1]), int(self.lines(daemon)[0])]
        self.server.kill()
        self.assertTrue(all(alive(pid) for pid in pids))
        self.server.start()
        for one in (run, daemon):
            ended = self.wait_ended(one)
            self.assertEqual((ended["end_reason"], ended["exit_code"]), ("crashed", -2))
        for pid in pids:
            wait_gone(pid)
        self.assertEqual(len(self.runs("job")), 1)
        self.assertEqual(self.lines(run)[0], f"started {pids[0]}")

    def test_a_graceful_stop_waits_then_ends_the_rest_and_marks_them(self):
        self.define('[tasks.short]\nrun="echo up; sleep 1"\n[tasks.long]\nrun="echo up; sleep 300"\n'
                    '[services.web]\nrun="echo up; sleep 300"')
        short, long = self.start("short"), self.start("long")
        self.wait_running(short)
        self.wait_running(long)
        web = wait_until(lambda: self.runs("web", "&status=running"), "the service runs")[0]
        begin = time.monotonic()
        self.assertEqual(self.server.terminate(), 0)
        self.assertLess(seconds_since(begin), 10)
        self.server.start()
        self.assertEqual(self.get_run(short)["end_reason"], "success")
        self.assertEqual(self.get_run(long)["end_reason"], "daemon_stopped")
        self.assertEqual(self.get_run(web)["end_reason"], "daemon_stopped")
        wait_until(lambda: self.runs("web", "&status=running"), "the service is on again")

    server_settings = {"environment": {"CARILLON_SHUTDOWN_GRACE": "8s"}}


if __name__ == "__main__":
    case.main()
