"""check, backup and restore, by the command line and over HTTP."""

import glob
import json
import os
import shutil
import stat
import subprocess
import tempfile
import threading
import unittest

import case
from client import Client


def run(*arguments):
    return subprocess.run([case.binary(), *arguments], capture_output=True, text=True, timeout=60,
                          check=False)


class Folder(unittest.TestCase):
    """A server with three tasks, and a folder where backups may be made."""

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="carillon-backups-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.allowed = os.path.join(self.home, "allowed")
        os.mkdir(self.allowed)
        self.server = self.make_server({"CARILLON_STORE_BACKUPS": self.allowed})
        self.server.start()
        self.ids = [self.create() for _ in range(3)]

    def make_server(self, environment=None, data=None):
        server = case.Server(case.binary(), environment=environment, data=data)
        self.addCleanup(server.close)
        return server

    def create(self):
        answer = self.server.client.post("/v1/tasks", {"task_type": "mail"})
        self.assertEqual(answer.status, 201, answer)
        return answer.json["id"]

    def place(self, name="one"):
        return os.path.join(self.allowed, name)

    def ask(self, to, server=None):
        return (server or self.server).client.post("/v1/backup", {"to": to})

    def served_ids(self, data):
        """What a server on the folder has."""
        server = self.make_server(data=data)
        server.start()
        listed = server.get("/v1/tasks?limit=200").json["tasks"]
        self.assertEqual(server.terminate(), 0)
        return {task["id"] for task in listed}


class Check(Folder):
    def test_a_store_that_is_in_use_is_not_looked_at(self):
        done = run("check", "--data", self.server.data)
        self.assertEqual(done.returncode, 2)
        self.assertIn("used by another process", done.stderr)

    def test_a_store_that_a_kill_left_is_without_fault_and_not_changed(self):
        self.server.kill()
        before = {path: os.stat(path).st_mtime_ns
                  for path in glob.glob(self.server.data + "/**", recursive=True)
                  if os.path.isfile(path)}
        done = run("check", "--data", self.server.data, "-o", "json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["read"]["tasks"], 3)
        self.assertEqual(report["fault_count"], 0)
        for path, time in before.items():
            self.assertEqual(os.stat(path).st_mtime_ns, time, path)

    def test_one_changed_byte_is_found(self):
        self.server.restart()  # what the log held is in files now
        self.server.terminate()
        path = max(glob.glob(self.server.data + "/db/*.sst"), key=os.path.getsize)
        with open(path, "r+b") as file:
            file.seek(20)
            byte = file.read(1)[0]
            file.seek(20)
            file.write(bytes([byte ^ 0x10]))
        self.server.checked = False
        done = run("check", "--data", self.server.data)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("damaged", done.stdout)
        self.assertIn(os.path.basename(path), done.stdout)

    def test_what_is_no_store_is_said(self):
        done = run("check", "--data", self.allowed)
        self.assertEqual(done.returncode, 2)
        self.assertIn("is no data folder", done.stderr)


class OverHttp(Folder):
    def test_a_backup_is_told_with_what_is_in_it(self):
        answer = self.ask(self.place())
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json["folder"], os.path.realpath(self.place()))
        self.assertEqual(answer.json["tasks"], 3)
        self.assertGreater(answer.json["bytes"], 0)
        self.assertGreater(answer.json["files"], 3)
        self.assertGreaterEqual(answer.json["seconds"], 0)

    def test_a_backup_is_a_folder_that_can_be_served(self):
        self.ask(self.place())
        later = self.create()
        self.assertEqual(stat.S_IMODE(os.stat(self.place()).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(self.place() + "/store.key").st_mode), 0o600)
        self.assertEqual(run("check", "--data", self.place()).returncode, 0)
        found = self.served_ids(self.place())
        self.assertEqual(found, set(self.ids))
        self.assertNotIn(later, found)

    def test_a_place_outside_of_the_folder_is_refused(self):
        os.symlink(self.home, os.path.join(self.allowed, "out"))
        for to in (self.home + "/one", self.allowed + "/../one", "one", "/",
                   self.allowed + "/none/one", self.allowed + "/out/one", self.allowed + "/."):
            answer = self.ask(to)
            self.assertEqual(answer.status, 422, (to, answer))
            self.assertEqual(answer.json["errors"][0]["location"], "body.to")
        self.assertEqual(os.listdir(self.home), ["allowed"])

    def test_nothing_is_written_over(self):
        self.assertEqual(self.ask(self.place()).status, 201)
        self.assertEqual(self.ask(self.place()).status, 409)

    def test_without_a_folder_that_is_allowed_there_is_no_backup(self):
        server = self.make_server()
        server.start()
        answer = self.ask(self.place(), server)
        self.assertEqual(answer.status, 409)
        self.assertIn("store.backups", answer.json["detail"])

    def test_it_wants_the_token(self):
        answer = Client(self.server.port).post("/v1/backup", {"to": self.place()})
        self.assertEqual(answer.status, 401)

    def test_backups_under_load_hold_all_that_was_answered_before(self):
        stop = threading.Event()
        made = []

        def write():
            client = Client(self.server.port, self.server.token)
            while not stop.is_set():
                made.append(client.post("/v1/tasks", {"task_type": "mail"}).json["id"])

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        try:
            for number in range(5):
                known = set(made)
                self.assertEqual(self.ask(self.place(f"n{number}")).status, 201)
                done = run("check", "--data", self.place(f"n{number}"), "-o", "json")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                read = json.loads(done.stdout)["read"]
                self.assertGreaterEqual(read["tasks"], len(known) + 3)
        finally:
            stop.set()
            for writer in writers:
                writer.join()


class CommandLine(Folder):
    def test_a_running_server_is_asked(self):
        done = run("backup", self.place(), "--data", self.server.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 tasks", done.stdout)
        self.assertTrue(self.server.alive)
        self.assertEqual(self.served_ids(self.place()), set(self.ids))

    def test_what_a_running_server_refuses_is_told(self):
        done = run("backup", self.home + "/one", "--data", self.server.data)
        self.assertEqual(done.returncode, 2)
        self.assertIn("must be an absolute path below", done.stderr)

    def test_without_a_server_the_program_makes_it_anywhere(self):
        self.server.kill()
        done = run("backup", self.home + "/cold", "--data", self.server.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.served_ids(self.home + "/cold"), set(self.ids))

    def test_a_restored_backup_is_served_and_shares_no_file(self):
        run("backup", self.place(), "--data", self.server.data)
        to = os.path.join(self.home, "restored")
        done = run("restore", self.place(), "--data", to)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nothing is at fault", done.stdout)
        self.assertEqual(stat.S_IMODE(os.stat(to).st_mode), 0o700)
        for path in glob.glob(to + "/**", recursive=True):
            if os.path.isfile(path) and os.path.basename(path) != "LOCK":  # made by the look at it
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, path)
                self.assertEqual(os.stat(path).st_nlink, 1, path)
        self.assertEqual(self.served_ids(to), set(self.ids))

    def test_a_folder_that_is_not_empty_is_not_restored_into(self):
        run("backup", self.place(), "--data", self.server.data)
        done = run("restore", self.place(), "--data", self.server.data)
        self.assertEqual(done.returncode, 2)
        self.assertIn("is not empty", done.stderr)

    def test_a_damaged_backup_is_not_called_good(self):
        self.server.restart()
        run("backup", self.place(), "--data", self.server.data)
        to = os.path.join(self.home, "restored")
        copy = os.path.join(self.home, "copy")
        shutil.copytree(self.place(), copy)  # its own files: the server's are not touched
        path = max(glob.glob(copy + "/db/*.sst"), key=os.path.getsize)
        with open(path, "r+b") as file:
            file.seek(20)
            byte = file.read(1)[0]
            file.seek(20)
            file.write(bytes([byte ^ 0x10]))
        done = run("restore", copy, "--data", to)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("damaged", done.stderr)


if __name__ == "__main__":
    case.main()
