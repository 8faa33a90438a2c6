"""The fixture: a real server as a child process, on a data folder of its own."""

import atexit
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from client import Client
from instants import to_seconds

READY_TIMEOUT = 30.0  # seconds; a bound against hanging, not a goal
STOP_TIMEOUT = 30.0

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_running = set()


class ServerFailed(AssertionError):
    """The server did not do what the fixture needed; the message has the end of its log."""


class Server:
    """`carillon serve`, started, killed and started again on the same folder and port.

    Start it from the main thread: the child dies with the thread that started it.
    """

    def __init__(self, binary, data=None, clock=None, config=None, options=(), environment=None,
                 allow="127.0.0.0/8"):
        self.binary = str(binary)
        self.home = tempfile.mkdtemp(prefix="carillon-test-")  # removed at the end, unlike `data`
        self.data = str(data) if data else os.path.join(self.home, "data")
        self.log_path = os.path.join(self.home, "server.log")
        self.port = free_port()
        self.clock = clock
        self.config = config
        self.options = list(options)
        self.environment = dict(environment or {})
        self.allow = allow
        self.checked = True  # unless a test damages the store
        self.process = None
        self._generation = 0
        self._clients = threading.local()

    # -- the process -------------------------------------------------------------------------

    def start(self, wait=True):
        command = [self.binary, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"]
        if self.allow:
            command += ["--allow-target", self.allow]
        if self.clock:
            command += [f"--clock={self.clock}"]
        if self.config:
            command += ["--config", str(self.config)]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command + self.options, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment(), start_new_session=True,
                preexec_fn=_die_with_parent)
        _running.add(self)
        self._generation += 1
        if wait:
            self.wait_ready()
        return self

    def _environment(self):
        """Ours without the settings of whoever runs the tests."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("CARILLON_")}
        return {**kept, **self.environment}

    def wait_ready(self, timeout=READY_TIMEOUT):
        deadline = time.monotonic() + timeout
        probe = Client(self.port, timeout=5.0)
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.fail(f"the server ended with {self.process.returncode} before it was ready")
            try:
                if probe.get("/readyz").status == 200:
                    probe.close()
                    return
            except ConnectionError:
                pass
            time.sleep(0.01)
        self.fail(f"the server was not ready after {timeout:.0f} s")

    def kill(self):
        """kill -9, as a power switch for the process."""
        self.process.kill()
        self._reap(STOP_TIMEOUT)

    def terminate(self, timeout=STOP_TIMEOUT):
        """SIGTERM; the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=STOP_TIMEOUT):
        """The exit code of a process that was told to end, or that ends by itself."""
        try:
            return self._reap(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            self.fail(f"the server still ran after {timeout:.0f} s")

    def restart(self, hard=True):
        if hard:
            self.kill()
        else:
            self.terminate()
        return self.start()

    def close(self):
        """Ends whatever still runs, checks the store that it leaves, and removes the files."""
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._reap(STOP_TIMEOUT)
        _running.discard(self)
        try:
            if self.checked and os.path.exists(os.path.join(self.data, "FORMAT")):
                self.check()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def check(self):
        """Fails unless everything in the store that the server has left is as it must be."""
        done = subprocess.run([self.binary, "check", "--data", self.data], capture_output=True,
                              text=True, timeout=STOP_TIMEOUT, env=self._environment())
        if done.returncode != 0:
            raise ServerFailed(f"the store is at fault\n{done.stdout}{done.stderr}")

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def _reap(self, timeout):
        code = self.process.wait(timeout)
        _running.discard(self)
        return code

    # -- talking to it -----------------------------------------------------------------------

    @property
    def token(self):
        with open(os.path.join(self.data, "admin.token"), encoding="ascii") as file:
            return file.read().strip()

    @property
    def client(self):
        """The calling thread's own connection, fresh after each start."""
        mine = self._clients
        if getattr(mine, "generation", None) != self._generation:
            if getattr(mine, "client", None) is not None:
                mine.client.close()
            mine.client = Client(self.port, self.token)
            mine.generation = self._generation
        return mine.client

    def get(self, path):
        return self.client.get(path)

    def post(self, path, body=None, **options):
        return self.client.post(path, body, **options)

    def now(self):
        """The manual clock, in seconds since 1970."""
        answer = self.get("/v1/clock")
        if answer.status != 200:
            self.fail(f"the clock answered {answer}")
        return to_seconds(answer.json["now"])

    def advance(self, **step):
        """advance(by="PT1H") or advance(to="2030-01-01T00:00:00Z")"""
        answer = self.post("/v1/clock/advance", step)
        if answer.status != 200:
            self.fail(f"advancing the clock answered {answer}")

    # -- looking at it -----------------------------------------------------------------------

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def fail(self, message):
        tail = "\n".join(self.log().splitlines()[-30:])
        raise ServerFailed(f"{message}\n--- end of the server's log ---\n{tail}")

    def resources(self):
        """Open files, threads and resident KiB of the process."""
        base = f"/proc/{self.process.pid}"
        with open(f"{base}/status", encoding="ascii", errors="replace") as file:
            status = dict(line.split(":", 1) for line in file if ":" in line)
        return {"files": len(os.listdir(f"{base}/fd")),
                "threads": int(status["Threads"]),
                "rss_kib": int(status["VmRSS"].split()[0])}


def free_port():
    """A port below the range from which the kernel takes ports for outgoing connections, so that
    none of those can sit on it while the server is down."""
    while True:
        port = random.SystemRandom().randrange(15000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def _die_with_parent():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@atexit.register
def _end_all():
    for server in list(_running):
        print(f"ending a server that a test left behind ({server.process.pid})", file=sys.stderr)
        server.close()
