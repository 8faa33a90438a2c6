"""The base of the tests of /api: a server with an operator's file, and commands that wait."""

import os
import socket
import time

import case
from case import wait_until
from carillon import Server
from event_reader import read_events
from receiver import Receiver


class RunnerCase(case.ServerCase):
    """Each test defines its own tasks and services; none is left behind."""

    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.close)
        cls.server = Server(case.binary(), clock=cls.clock, **cls.server_settings)
        cls.file = os.path.join(cls.server.home, "carillon.toml")
        cls.server.config = cls.file
        cls.write("")
        cls.addClassCleanup(cls.stop_server)
        cls.server.start()

    @classmethod
    def stop_server(cls):
        if cls.server.alive:
            cls.server.terminate()
        cls.server.close()

    def setUp(self):
        self.folder = os.path.join(self.server.home, self.id().split(".")[-1])
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.server.home, 0o755)
        os.chmod(self.folder, 0o777)

    def tearDown(self):
        super().tearDown()
        for run in self.server.get("/api/runs?status=running,pending&limit=1000").json["runs"]:
            self.server.post(f"/api/runs/{run['id']}/stop")
        self.define("")
        wait_until(lambda: not self.server.get("/api/runs?status=running,pending").json["total"],
                   "nothing runs any more", 20)
        # Names are used again, and history stays under the name.
        for run in self.server.get("/api/runs?limit=1000").json["runs"]:
            self.server.client.call("DELETE", f"/api/runs/{run['id']}")

    # -- definitions ---------------------------------------------------------------------------

    @classmethod
    def write(cls, text):
        with open(cls.file, "w", encoding="utf-8") as file:
            file.write(text)

    def define(self, text, expect=200):
        """The file holds this from now on."""
        self.write(text)
        return self.call("POST", "/api/reload", expect=expect)

    def path(self, name):
        return os.path.join(self.folder, name)

    def gate(self, name="gate"):
        """A shell line that says `started PID`, then waits until open() is called."""
        return (f"echo started $$; while [ ! -e {self.path(name)} ]; do sleep 0.02; done; "
                "echo done")

    def open(self, name="gate"):
        with open(self.path(name), "w", encoding="ascii"):
            pass

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    # -- runs ----------------------------------------------------------------------------------

    def start(self, name, expect=201):
        return self.call("POST", f"/api/tasks/{name}/run", expect=expect)

    def runs(self, name, query=""):
        """Newest first."""
        return self.call("GET", f"/api/tasks/{name}/runs?limit=1000{query}")["runs"]

    def ordered(self, name):
        """Oldest first."""
        return list(reversed(self.runs(name)))

    def get_run(self, run):
        return self.call("GET", f"/api/runs/{run['id'] if isinstance(run, dict) else run}")

    def wait_ended(self, run, timeout=15.0):
        def look():
            now = self.get_run(run)
            return now if now["status"] == "ended" else None
        return wait_until(look, f"{run} has ended", timeout)

    def wait_running(self, run, timeout=10.0):
        """Also has said its first line."""
        def look():
            now = self.get_run(run)
            return now if now["status"] == "running" and self.lines(run) else None
        return wait_until(look, f"{run} runs", timeout)

    def wait_all_ended(self, name, count, timeout=20.0):
        """The runs of a task, the oldest first, once there are so many and all have ended."""
        def look():
            runs = self.ordered(name)
            done = len(runs) >= count and all(run["status"] == "ended" for run in runs)
            return runs if done else None
        return wait_until(look, f"{count} runs of {name} have ended", timeout)

    def stop(self, run, expect=200):
        return self.call("POST", f"/api/runs/{run['id']}/stop", expect=expect)

    def page(self, run, query=""):
        return self.call("GET", f"/api/runs/{run['id']}/log{query}")

    def lines(self, run, query=""):
        return [line["text"] for line in self.page(run, query)["lines"]]

    def output(self, run):
        """What it wrote to its streams, without the server's own lines."""
        return [line["text"] for line in self.page(run)["lines"] if line["stream"] != "system"]

    def raw(self, run):
        answer = self.server.client.call("GET", f"/api/runs/{run['id']}/log/raw")
        self.assertEqual(answer.status, 200, answer)
        return answer.body

    def events(self, path, headers=(), timeout=10.0):
        """The events of a stream of server-sent events as (id, event, data), one by one."""
        return events(self.server, path, headers, timeout)


def events(server, path, headers=(), timeout=10.0):
    with socket.create_connection(("127.0.0.1", server.port), timeout) as link:
        head = "".join(f"{name}: {value}\r\n" for name, value in dict(headers).items())
        link.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n"
                     f"Authorization: Bearer {server.token}\r\n{head}\r\n".encode())
        stream = link.makefile("rb")
        status = stream.readline()
        if b" 200 " not in status:
            raise AssertionError(f"{path}: {status} {stream.read()}")
        while stream.readline().strip():
            pass
        yield from read_events(stream)


def alive(pid):
    """A process that is there and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_gone(pid, timeout=10.0):
    wait_until(lambda: not alive(pid), f"process {pid} is gone", timeout)


def seconds_since(start):
    return time.monotonic() - start
