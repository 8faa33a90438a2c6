"""A full disk (R-03), on a small tmpfs of its own: mounting it needs root."""

import os
import shutil
import subprocess
import tempfile
import unittest

import case
from carillon import Server
from receiver import Receiver

DISK_MIB = 192
FILL_STEP = 1 << 20


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.disk = tempfile.mkdtemp(prefix="carillon-disk-")
        self.addCleanup(shutil.rmtree, self.disk, ignore_errors=True)
        try:
            mounted = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "carillon-test", self.disk],
                capture_output=True, text=True, check=False)
        except OSError as error:
            self.skipTest(f"no tmpfs can be mounted: {error}")
        if mounted.returncode != 0:
            self.skipTest(f"no tmpfs can be mounted: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=False)
        self.filler = os.path.join(self.disk, "filler")
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.acked = {}

    def start(self, **environment):
        self.server = Server(case.binary(), data=os.path.join(self.disk, "data"),
                             environment=environment)
        self.addCleanup(self.server.close)
        self.server.start()

    def fill(self, leave):
        """Takes the disk's space until only `leave` bytes are free."""
        with open(self.filler, "ab") as file:
            while (free := self.free()) > leave:
                try:
                    file.write(bytes(min(FILL_STEP, free - leave)))
                    file.flush()
                except OSError:
                    return

    def free(self):
        shape = os.statvfs(self.disk)
        return shape.f_bavail * shape.f_frsize

    def create(self, padding=4096):
        """One far task; the answer."""
        name = f"t{len(self.acked)}-{os.urandom(4).hex()}"
        answer = self.server.post("/v1/tasks", {
            "target": self.receiver.url(), "execute_after": "P1D", "unique_id": name,
            "payload": {"name": name, "padding": os.urandom(padding // 2).hex()}})
        if answer.status == 201:
            self.acked[answer.json["id"]] = name
        return answer

    def until_refused(self):
        """Creates until the server says that it cannot."""
        for _ in range(20_000):
            answer = self.create()
            if answer.status != 201:
                return answer
        raise AssertionError("the disk is full, and everything was acknowledged")

    def check_refused(self, answer):
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(answer.headers["content-type"].split(";")[0], "application/problem+json")
        self.assertIn("disk", answer.json["detail"].lower())
        self.assertIn("retry-after", answer.headers)
        ready = case.wait_until(lambda: self.not_200("/readyz"), "/readyz says so")
        self.assertIn(b"disk", ready.body.lower())
        self.assertEqual(self.server.get("/healthz").status, 200, "it lives")
        self.check_all_there()

    def not_200(self, path):
        answer = self.server.get(path)
        return answer if answer.status != 200 else None

    def check_recovered(self):
        os.unlink(self.filler)
        process = self.server.process.pid
        case.wait_until(lambda: self.create().status == 201, "it writes again", 15)
        case.wait_until(lambda: self.server.get("/readyz").status == 200, "it is ready again", 15)
        self.assertEqual(self.server.process.pid, process)
        made = self.server.post("/v1/tasks", {"target": self.receiver.url("/now")})
        self.assertEqual(made.status, 201, made)
        self.receiver.wait_for(1, "/now")
        self.check_all_there()
        self.server.restart()
        self.check_all_there()

    def check_all_there(self):
        for task_id, name in self.acked.items():
            answer = self.server.get(f"/v1/tasks/{task_id}")
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json["payload"]["name"], name)

    def test_the_reserve_is_kept(self):
        self.start()
        self.assertEqual(self.create().status, 201)
        self.fill(leave=32 << 20)
        self.check_refused(self.until_refused())
        self.assertGreater(self.free(), 16 << 20, "writes stop before the last byte is gone")
        self.check_recovered()

    def test_not_a_byte_is_free(self):
        self.start(CARILLON_STORE_FREE_BYTES_MIN="0")
        self.assertEqual(self.create().status, 201)
        self.fill(leave=1 << 20)
        self.check_refused(self.until_refused())
        self.check_recovered()


if __name__ == "__main__":
    case.main()
