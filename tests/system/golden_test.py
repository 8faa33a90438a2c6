"""Stores of every format that was released are opened and read by the present server."""

import json
import os
import subprocess
import tarfile
import tempfile
import unittest

import case
import golden

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


class Golden(unittest.TestCase):
    def unpack(self, name):
        home = tempfile.TemporaryDirectory(prefix="carillon-golden-")
        self.addCleanup(home.cleanup)
        with tarfile.open(os.path.join(DATA, name)) as archive:
            archive.extractall(home.name)
        with open(os.path.join(home.name, "facts.json"), encoding="utf-8") as file:
            return os.path.join(home.name, "store"), json.load(file)

    def check(self, data):
        done = subprocess.run([case.binary(), "check", "--data", data], capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_first_format_is_read_as_it_was_written(self):
        data, facts = self.unpack("store-1.tar.xz")
        self.check(data)
        server = case.Server(case.binary(), data=data, clock="manual")
        self.addCleanup(server.close)
        server.start()
        self.assertEqual(golden.facts_of(server), facts)

    def test_the_first_format_goes_on(self):
        data, facts = self.unpack("store-1.tar.xz")
        server = case.Server(case.binary(), data=data, clock="manual")
        self.addCleanup(server.close)
        server.start()
        server.advance(by="P60D")
        later = golden.facts_of(server)
        self.assertGreater(len(later["tasks"]["skipped"]), len(facts["tasks"]["skipped"]) + 50)
        self.assertNotEqual(later["schedules"], facts["schedules"])


if __name__ == "__main__":
    case.main()
