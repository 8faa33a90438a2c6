"""The Debian package: what is in it, its unit, and the server started as the unit says."""

import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import unittest

import case

FILES = {
    "etc/carillon/carillon.toml": 0o644,
    "usr/bin/carillon": 0o755,
    "usr/lib/systemd/system/carillon.service": 0o644,
    "usr/lib/sysusers.d/carillon.conf": 0o644,
    "usr/share/bash-completion/completions/carillon": 0o644,
    "usr/share/doc/carillon/operations.md": 0o644,
    "usr/share/fish/vendor_completions.d/carillon.fish": 0o644,
    "usr/share/man/man1/carillon.1": 0o644,
    "usr/share/man/man5/carillon.toml.5": 0o644,
    "usr/share/man/man8/carillon.8": 0o644,
    "usr/share/zsh/vendor-completions/_carillon": 0o644,
}


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    assert done.returncode == 0, f"{shlex.join(map(str, command))}: {done.stdout}"
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="carillon-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        build = pathlib.Path(case.binary()).resolve().parent
        run("cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", cls.folder)
        cls.package = next(cls.folder.glob("carillon_*.deb"))
        cls.root = cls.folder / "root"
        run("dpkg-deb", "-x", cls.package, cls.root)
        cls.program = cls.root / "usr/bin/carillon"
        cls.unit = (cls.root / "usr/lib/systemd/system/carillon.service").read_text()

    def test_everything_is_in_its_place(self):
        for name, mode in FILES.items():
            with self.subTest(name):
                self.assertEqual((self.root / name).stat().st_mode & 0o7777, mode)
        self.assertEqual([str(path) for path in self.root.rglob("*")
                          if path.stat().st_mode & 0o6000], [], "nothing is setuid or setgid")

    def test_the_package_says_what_it_needs(self):
        control = run("dpkg-deb", "-f", self.package)
        for need in ("tzdata", "ca-certificates", "librocksdb", "libssl3", "libsystemd0"):
            self.assertIn(need, control)
        run("dpkg-deb", "-e", self.package, self.folder / "control")
        self.assertEqual((self.folder / "control/conffiles").read_text(),
                         "/etc/carillon/carillon.toml\n")
        for script in ("postinst", "prerm", "postrm"):
            run("sh", "-n", self.folder / "control" / script)

    def test_systemd_takes_the_unit(self):
        unit = self.folder / "carillon.service"
        unit.write_text(self.unit.replace("/usr/bin/carillon", str(self.program)))
        self.assertEqual(run("systemd-analyze", "verify", "--man=no", unit), "")

    def test_the_container_starts_it_as_the_unit_does(self):
        source = pathlib.Path(__file__).parents[2] / "tools/package/Containerfile"
        image = source.read_text().split("FROM ")[-1]
        entry = json.loads(re.search(r"^ENTRYPOINT (.*)$", image, re.MULTILINE).group(1))
        line = re.search(r"^ExecStart=(.*)$", self.unit, re.MULTILINE).group(1)
        self.assertEqual(entry, line.split())
        self.assertIn("\nUSER carillon\n", image)
        chosen = dict(re.findall(r"(CARILLON_\w+)=(\S+)", image))
        told = json.loads(run(self.program, "config", "show", "-o", "json", env=chosen))
        self.assertEqual(told["http.listen"]["value"], ["0.0.0.0:8080"])

    def test_the_page_of_the_server_knows_every_flag(self):
        told = "".join(run(self.program, *words, "--help") for words in (
            (), ("serve",), ("config", "show"), ("config", "check"), ("check",), ("backup",)))
        flags = set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", told, re.MULTILINE))
        self.assertIn("--allow-target", flags)
        written = (self.root / "usr/share/man/man8/carillon.8").read_text().replace("Fl -", "--")
        for flag in flags:
            self.assertIn(flag, written)

    def test_pages_and_completions_are_the_programs_own_words(self):
        for name, words in (("man/man1/carillon.1", ("manual", "1")),
                            ("man/man5/carillon.toml.5", ("manual", "5")),
                            ("bash-completion/completions/carillon", ("completion", "bash")),
                            ("zsh/vendor-completions/_carillon", ("completion", "zsh")),
                            ("fish/vendor_completions.d/carillon.fish", ("completion", "fish"))):
            with self.subTest(name):
                self.assertEqual((self.root / "usr/share" / name).read_text(),
                                 run(self.program, *words))
        for page in self.root.glob("usr/share/man/man*/*"):
            self.assertEqual(run("groff", "-mandoc", "-ww", "-z", "-Tutf8", page), "")
        run("bash", "-n", self.root / "usr/share/bash-completion/completions/carillon")

    def test_the_server_tells_systemd_how_it_is(self):
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(str(self.folder / "notify"))
        manager.settimeout(30)
        line = re.search(r"^ExecStart=(.*)$", self.unit, re.MULTILINE).group(1)
        command = [word.replace("/var/lib/carillon", str(self.folder / "data"))
                   if "/var/" in word else str(self.root) + word if word.startswith("/") else word
                   for word in line.split()]
        server = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"NOTIFY_SOCKET": str(self.folder / "notify"), "WATCHDOG_USEC": "300000",
                 "CARILLON_HTTP_LISTEN": "127.0.0.1:0", "PATH": os.environ["PATH"]})
        self.addCleanup(server.kill)
        told = [manager.recv(100) for _ in range(4)]
        self.assertEqual(told, [b"READY=1"] + [b"WATCHDOG=1"] * 3)
        server.send_signal(signal.SIGTERM)
        while told[-1] == b"WATCHDOG=1":
            told.append(manager.recv(100))
        self.assertEqual(told[-1], b"STOPPING=1")
        self.assertEqual(server.wait(30), 0)


if __name__ == "__main__":
    case.main()
