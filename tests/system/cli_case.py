"""The base of the command line's tests: `carillon NOUN VERB` against a server, as a user calls it."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import case

TIMEOUT = 60


class CliCase(case.ServerCase):
    clock = "manual"

    @property
    def environment(self):
        return {"PATH": os.environ["PATH"], "CARILLON_STORE_DATA": self.server.data,
                "TERM": "xterm"}

    def run_cli(self, *words, input="", **environment):
        """The finished process."""
        return subprocess.run([case.binary(), *map(str, words)], input=input, capture_output=True,
                              text=True, timeout=TIMEOUT, check=False,
                              env={**self.environment, **environment})

    def cli(self, *words, expect=0, input="", **environment):
        """What it printed, when it exited with `expect`."""
        done = self.run_cli(*words, input=input, **environment)
        self.assertEqual(done.returncode, expect, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def cli_json(self, *words, **options):
        return json.loads(self.cli(*words, "-o", "json", **options))

    def rows(self, *words, **options):
        """The cells of each line."""
        return [line.split("\t") for line in self.cli(*words, **options).splitlines()]

    def fields(self, *words, **options):
        """Of one thing."""
        return dict(self.rows(*words, **options))

    def refused(self, *words, expect):
        """What it said on standard error."""
        done = self.run_cli(*words)
        self.assertEqual(done.returncode, expect, f"{words}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "")
        return done.stderr

    def make(self, *words):
        """The id of what was made."""
        return self.cli(*words, "-q").strip()


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, words, environment, columns=100, lines=30):
        self.text = ""
        child, self.master = pty.fork()
        if child == 0:  # It sets the size: the command may look at once.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execvpe(words[0], list(map(str, words)), environment)
        self.child = child

    def read_until(self, wanted, timeout=TIMEOUT):
        """Reads until the predicate or the text holds, or the command ends."""
        deadline = time.monotonic() + timeout
        test = wanted if callable(wanted) else lambda text: wanted in text
        while not test(self.text):
            if not self._read(deadline):
                return False
        return True

    def _read(self, deadline):
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing more came: {self.text!r}")
        if not select.select([self.master], [], [], 0.5)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:  # its other end is closed
            return False
        self.text += data.decode()
        return bool(data)

    def finish(self):
        """The exit code."""
        self.read_until(lambda _: False)
        _, status = os.waitpid(self.child, 0)
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)

    def interrupt(self):
        os.kill(self.child, signal.SIGINT)
