"""The Debian package installed by dpkg on a machine: an overlay of this one, which stays as it is.

Needs root, and a kernel that gives mount namespaces with overlays; it is skipped elsewhere.
"""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import case
from client import Client

OVERLAY = """
mount -t tmpfs none {room} && cd {room} && mkdir upper work machine
mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work machine
mount --bind /dev machine/dev && mount -t proc none machine/proc
echo ready
exec sleep infinity
"""


class Machine:
    """Another view of this machine's files, which forgets what is changed in it."""

    def __init__(self, room):
        self.root = f"{room}/machine"
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
             OVERLAY.format(room=shlex.quote(str(room)))],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.told = self.holder.stdout.readline().strip()

    def close(self):
        self.holder.kill()
        self.holder.communicate()

    def command(self, *words):
        return ["nsenter", "--target", str(self.holder.pid), "--mount", "chroot", self.root, *words]

    def run(self, *words):
        """What it printed, and its exit code."""
        done = subprocess.run(self.command(*words), stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False, timeout=120)
        return done.stdout, done.returncode

    def do(self, *words):
        printed, code = self.run(*words)
        assert code == 0, f"{shlex.join(words)}: {printed}"
        return printed


@unittest.skipUnless(os.geteuid() == 0, "only root may mount")
class Installed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="carillon-install-")
        self.addCleanup(folder.cleanup)
        place = pathlib.Path(folder.name)
        (place / "room").mkdir()
        build = pathlib.Path(case.binary()).resolve().parent
        subprocess.run(["cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B",
                        place / "packed"], check=True, stdout=subprocess.DEVNULL)
        self.machine = Machine(place / "room")
        self.addCleanup(self.machine.close)
        if self.machine.told != "ready":
            self.skipTest(f"no overlay here: {self.machine.told}")
        package = next((place / "packed").glob("carillon_*.deb"))
        self.machine.do("mkdir", "-p", "/srv/package")
        with open(package, "rb") as source:
            subprocess.run(self.machine.command("tee", "/srv/package/carillon.deb"), check=True,
                           stdin=source, stdout=subprocess.DEVNULL)

    def start(self):
        """The server, run as the unit says: its user, its folder, its command."""
        unit = self.machine.do("cat", "/usr/lib/systemd/system/carillon.service")
        told = dict(re.findall(r"^(\w+)=(.+)$", unit, re.MULTILINE))
        state = f"/var/lib/{told['StateDirectory']}"
        self.machine.do("install", "-d", "-m", told["StateDirectoryMode"], "-o", told["User"],
                        "-g", told["Group"], state)
        server = subprocess.Popen(
            self.machine.command(
                "setpriv", f"--reuid={told['User']}", f"--regid={told['Group']}", "--init-groups",
                "--no-new-privs", "env", "-i", "CARILLON_HTTP_LISTEN=127.0.0.1:0",
                *told["ExecStart"].split()),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(server.stderr.close)
        self.addCleanup(server.kill)
        told = []
        for line in server.stderr:
            told.append(line)
            if address := re.search(r'listening.*?(127\.0\.0\.1:\d+)', line):
                return server, address.group(1), state
        self.fail(f"it ended with {server.wait(30)}: {told}")

    def test_it_is_installed_serves_and_goes_again(self):
        machine = self.machine
        machine.do("dpkg", "--install", "/srv/package/carillon.deb")
        self.assertIn("ok installed", machine.do("dpkg", "--status", "carillon"))
        self.assertRegex(machine.do("getent", "passwd", "carillon"), r":/var/lib/carillon:\S*nologin")
        self.assertIn("carillon", machine.do("/usr/bin/carillon", "--version"))

        server, address, state = self.start()
        token = machine.do("cat", f"{state}/admin.token").strip()
        client = Client(int(address.rsplit(":")[-1]), token)
        made = client.call("POST", "/v1/tasks", {"task_type": "mail", "execute_after": "PT1H"})
        self.assertEqual(made.status, 201, made)
        self.assertEqual(machine.do("stat", "-c", "%U %a", state).split(), ["carillon", "700"])
        server.terminate()
        self.assertEqual(server.wait(60), 0)

        machine.do("dpkg", "--remove", "carillon")
        self.assertEqual(machine.run("test", "-e", "/usr/bin/carillon")[1], 1)
        machine.do("test", "-e", "/etc/carillon/carillon.toml")
        machine.do("dpkg", "--purge", "carillon")
        self.assertEqual(machine.run("test", "-e", "/etc/carillon/carillon.toml")[1], 1)
        machine.do("test", "-e", f"{state}/db")  # what it knew is never the package's to lose
        self.assertEqual(machine.run("test", "-e", "/usr/share/man/man8/carillon.8")[1], 1)


if __name__ == "__main__":
    case.main()
