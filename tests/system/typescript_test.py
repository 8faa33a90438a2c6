"""The API's document before public tools: a linter, and a generated TypeScript client at work.

The tools are those of tools/openapi/package-lock.json; npm installs them into the build folder once.
"""

import os
import pathlib
import shutil
import subprocess
import unittest

import case

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "openapi"
FILES = ("package.json", "package-lock.json", "redocly.yaml", "tsconfig.json", "smoke.ts")
QUIET = {"npm_config_update_notifier": "false", "REDOCLY_TELEMETRY": "off",
         "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@unittest.skipUnless(shutil.which("npm"), "needs node and npm")
class TypeScript(case.ServerCase):
    @classmethod
    def setUpClass(cls):
        build = pathlib.Path(case.binary()).parent
        cls.document = build / "openapi.json"
        cls.folder = build / "openapi-tools"
        cls.folder.mkdir(exist_ok=True)
        cls.install()
        super().setUpClass()

    @classmethod
    def install(cls):
        """The tools, unless they are there as the lock file wants them."""
        lock = (TOOLS / "package-lock.json").read_bytes()
        stamp = cls.folder / "installed"
        for name in FILES:
            shutil.copy(TOOLS / name, cls.folder)
        if stamp.exists() and stamp.read_bytes() == lock:
            return
        done = cls.run_tool("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if done.returncode != 0 and "CI" not in os.environ:
            raise unittest.SkipTest(f"npm could not install the tools: {done.stderr[-500:]}")
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        stamp.write_bytes(lock)

    @classmethod
    def run_tool(cls, *command):
        return subprocess.run(command, cwd=cls.folder, text=True, capture_output=True, timeout=240,
                              check=False, env={**os.environ, **QUIET})

    def tool(self, name, *arguments):
        """What a tool prints that must succeed."""
        place = self.folder / "node_modules" / ".bin" / name
        done = self.run_tool(place if place.exists() else name, *arguments)
        self.assertEqual(done.returncode, 0, f"{name}: {done.stdout}{done.stderr}")
        return done.stdout

    def test_the_linter_finds_no_fault(self):
        self.tool("redocly", "lint", str(self.document), "--config", "redocly.yaml")

    def test_a_generated_client_is_sound_and_works(self):
        self.tool("openapi-typescript", str(self.document), "--default-non-nullable", "false",
                  "-o", "api.d.ts")
        self.tool("tsc", "--project", ".")
        self.tool("node", "smoke.js", f"http://127.0.0.1:{self.server.port}", self.server.token)


if __name__ == "__main__":
    case.main()
