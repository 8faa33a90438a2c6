"""What the server keeps from other users of the machine, and how the program is built."""

import os
import resource
import signal
import stat
import subprocess
import tempfile
import unittest

import case
from carillon import free_port
from runner_case import RunnerCase


def told_by_readelf(*options):
    return subprocess.run(["readelf", "-W", *options, case.binary()], capture_output=True,
                          text=True, check=True, timeout=60).stdout


class Program(unittest.TestCase):
    """A fault in it is harder to make use of."""

    def test_it_is_loaded_where_nobody_knows(self):
        self.assertRegex(told_by_readelf("-h"), r"Type:\s+DYN")
        self.assertRegex(told_by_readelf("-d"), r"FLAGS_1.*\bPIE\b")

    def test_what_is_linked_cannot_be_changed_when_it_runs(self):
        self.assertIn("GNU_RELRO", told_by_readelf("-l"))
        self.assertRegex(told_by_readelf("-d"), r"FLAGS_1.*\bNOW\b")

    def test_the_stack_holds_no_program(self):
        lines = told_by_readelf("-l").splitlines()
        flags = next(line.split()[-2] for line in lines if "GNU_STACK" in line)
        self.assertEqual(flags, "RW")
        self.assertFalse([line for line in lines if "LOAD" in line and " RWE " in line])

    def test_overruns_are_noticed(self):
        symbols = told_by_readelf("--dyn-syms")
        self.assertIn("__stack_chk_fail@", symbols)
        self.assertIn("__memcpy_chk@", symbols)

    def test_it_takes_no_rights_of_its_owner(self):
        mode = os.stat(case.binary()).st_mode
        self.assertFalse(mode & (stat.S_ISUID | stat.S_ISGID))


class Files(case.ServerCase):
    def test_the_data_folder_is_for_its_owner_alone(self):
        for _ in range(100):
            self.create(task_type="x")
        self.server.restart(hard=False)
        self.assertEqual(stat.S_IMODE(os.stat(self.server.data).st_mode), 0o700)
        for folder, _, names in os.walk(self.server.data):
            for name in names:
                mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                self.assertEqual(mode, 0o600, f"{folder}/{name}: {mode:o}")


class Commands(RunnerCase):
    def test_they_make_files_as_whoever_started_the_server_would(self):
        former = os.umask(0)
        os.umask(former)
        made = self.path("made")
        self.define(f'[tasks.make]\nrun = "touch {made}"\ncron = "0 0 1 1 *"\n')
        self.start("make")
        case.wait_until(lambda: os.path.exists(made), "the command has run")
        self.assertEqual(stat.S_IMODE(os.stat(made).st_mode), 0o666 & ~former)


class Memory(unittest.TestCase):
    def end_of(self, core_dumps):
        """How a server ends that is told to leave its memory, where all of it may be left."""
        with tempfile.TemporaryDirectory() as folder:
            def may_dump():
                os.chdir(folder)
                resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
            process = subprocess.Popen(
                [case.binary(), "serve", "--data", f"{folder}/data",
                 "--listen", f"127.0.0.1:{free_port()}"], stderr=subprocess.PIPE,
                preexec_fn=may_dump, env={"CARILLON_LOG_CORE_DUMPS": core_dumps})
            while b"listening" not in process.stderr.readline():
                pass
            process.send_signal(signal.SIGABRT)
            ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            process.wait()
            process.stderr.close()
            return ended.si_code

    def test_a_crash_leaves_no_tokens_unless_that_is_wished(self):
        if self.end_of("true") != os.CLD_DUMPED:
            self.skipTest("this machine leaves no core dumps")
        self.assertEqual(self.end_of("false"), os.CLD_KILLED)


if __name__ == "__main__":
    case.main()
