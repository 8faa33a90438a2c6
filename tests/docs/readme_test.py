"""Runs the examples of the documents against a real server.

Every block that is fenced as ```sh is run. The blocks of a document run in one shell, in their order,
in the folder where the server was started: its data folder is data, `carillon` is this program, and
its address stands for http://127.0.0.1:8080. $B (the address), $H (the header with the token) and $J
(the header of a JSON body) are set. Every call of curl names the HTTP status that it gets, in a
comment at the end of a line:

    curl -s "$B/healthz"   # 200

Any other command must succeed. A document names flags for its server in a line such as
<!-- examples: --clock manual -->, and shows the server's file in a block that is fenced as
```toml carillon.toml.

Of the other blocks, what is fenced as toml must be a right settings file, and as json must be JSON,
unless it is cut short (…); commands behind a "$ " in a console must be there, with their flags.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))

from carillon import Server  # noqa: E402

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STATUS = re.compile(r"# (\d{3})$", re.MULTILINE)
FILE = re.compile(r"^```toml carillon.toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```(json|toml|console)(?: [^\n]*)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = re.compile(r"^<!-- examples: (.*?) -->$", re.MULTILINE)
SECONDS_MAX = 60

# curl answers as ever, and notes each status beside it.
PRELUDE = r"""
set -euo pipefail
curl() {
  local answer
  answer=$(command curl -sS --max-time 20 -w '\n%{http_code}' "$@")
  printf '%s\n' "${answer##*$'\n'}" >>"$STATUSES"
  printf '%s\n' "${answer%$'\n'*}"
}
"""


def examples(text):
    """(line, block, statuses) of each block."""
    for found in BLOCK.finditer(text):
        yield text.count("\n", 0, found.start()) + 2, found[1], STATUS.findall(found[1])


def script(text, statuses_path):
    """All blocks of a document as one shell script; each one first says where it is."""
    parts = [PRELUDE]
    for line, block, _ in examples(text):
        parts.append(f"echo 'line {line}' >>'{statuses_path}'\n{block}")
    return "\n".join(parts)


def fenced(kind):
    """(page, line, text) of each block of a kind, of all pages."""
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]:
        text = page.read_text(encoding="utf-8")
        for found in FENCED.finditer(text):
            if found[1] == kind:
                yield page.name, text.count("\n", 0, found.start()) + 2, found[2]


def commands(block):
    """The words of each command behind a prompt, without comments and variables in front."""
    for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        for part in re.split(r" (?:&&|\|) ", re.sub(r"\s#.*", "", line)):
            words = shlex.split(part)
            while words and re.match(r"[A-Z_]+=", words[0]):
                words.pop(0)
            yield words


def seen_statuses(log):
    """The statuses by the line of their block."""
    seen = {}
    for entry in log.splitlines():
        if entry.startswith("line "):
            statuses = seen.setdefault(int(entry[5:]), [])
        else:
            statuses.append(entry)
    return seen


class Documents(unittest.TestCase):
    binary = None
    dst_table = None

    def check(self, name, calls_min):
        text = (ROOT / name).read_text(encoding="utf-8")
        expected = {line: statuses for line, _, statuses in examples(text)}
        calls = sum(map(len, expected.values()))
        self.assertGreaterEqual(calls, calls_min, f"{name} has lost its examples")
        flags = FLAGS.search(text)
        server = Server(self.binary, options=flags[1].split() if flags else ())
        self.addCleanup(server.close)
        if file := FILE.search(text):
            server.config = pathlib.Path(server.home) / "carillon.toml"
            server.config.write_text(file[1], encoding="utf-8")
            self.addCleanup(lambda: server.alive and server.terminate())
        server.start()
        programs = pathlib.Path(server.home) / "bin"
        programs.mkdir()
        (programs / "carillon").symlink_to(self.binary)
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
        with tempfile.NamedTemporaryFile("r+", suffix=".statuses") as statuses:
            environment = {
                "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
                "STATUSES": statuses.name,
                "B": f"http://127.0.0.1:{server.port}",
                "H": f"Authorization: Bearer {server.token}",
                "J": "Content-Type: application/json",
            }
            run = subprocess.run(["bash", "-c", script(text, statuses.name)], env=environment,
                                 capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
                                 cwd=server.home)
            seen = seen_statuses(statuses.read())
        told = f"{name}\n--- output ---\n{run.stdout}\n--- errors ---\n{run.stderr}"
        for line, statuses in expected.items():
            self.assertEqual(seen.get(line), statuses, f"the block at line {line} of {told}")
        self.assertEqual(run.returncode, 0, told)

    def test_the_examples_of_the_readme_get_the_statuses_they_name(self):
        self.check("README.md", 5)

    def test_the_examples_of_the_api_get_the_statuses_they_name(self):
        self.check("docs/api.md", 30)

    def test_the_examples_of_the_page_on_webhooks_get_the_statuses_they_name(self):
        self.check("docs/webhooks.md", 6)

    def test_the_examples_of_the_page_on_time_get_the_statuses_they_name(self):
        self.check("docs/time.md", 2)

    def test_the_examples_of_the_page_on_events_get_the_statuses_they_name(self):
        self.check("docs/events.md", 10)

    def test_the_examples_of_the_page_for_operators_get_the_statuses_they_name(self):
        self.check("docs/runner.md", 10)

    def test_the_examples_of_the_page_on_batches_get_the_statuses_they_name(self):
        self.check("docs/batches.md", 7)

    def test_the_examples_of_the_page_on_pipelines_get_the_statuses_they_name(self):
        self.check("docs/pipelines.md", 6)

    def test_the_examples_of_the_page_on_groups_get_the_statuses_they_name(self):
        self.check("docs/groups.md", 8)

    def test_the_examples_of_the_page_on_the_document_get_the_statuses_they_name(self):
        self.check("docs/openapi.md", 2)

    def test_the_examples_of_the_page_on_records_of_changes_get_the_statuses_they_name(self):
        self.check("docs/audit.md", 4)

    def test_the_examples_of_the_page_on_the_command_line_succeed(self):
        self.check("docs/cli.md", 0)

    def test_the_examples_of_the_page_on_observability_get_the_statuses_they_name(self):
        self.check("docs/observability.md", 5)

    def test_the_examples_of_the_page_on_security_get_the_statuses_they_name(self):
        self.check("docs/security.md", 1)

    def test_the_examples_of_the_page_on_settings_succeed(self):
        self.check("docs/configuration.md", 0)

    def test_the_examples_of_no_page_are_left_out(self):
        tested = pathlib.Path(__file__).read_text(encoding="utf-8")
        for page in sorted(ROOT.glob("docs/*.md")):
            if BLOCK.search(page.read_text(encoding="utf-8")):
                self.assertIn(f'"docs/{page.name}"', tested)

    def test_every_settings_file_that_is_shown_is_right(self):
        for page, line, text in fenced("toml"):
            with self.subTest(f"{page}:{line}"), tempfile.NamedTemporaryFile("w") as file:
                file.write(text)
                file.flush()
                done = subprocess.run([self.binary, "config", "check", "--config", file.name],
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.stderr, "")

    def test_all_json_that_is_shown_whole_is_json(self):
        for page, line, text in fenced("json"):
            if "…" in text or "..." in text:
                continue
            with self.subTest(f"{page}:{line}"):
                try:
                    json.loads(text)
                except ValueError:
                    for one in text.splitlines():
                        json.loads(one)

    def test_every_command_that_is_shown_is_there_with_its_flags(self):
        for page, line, text in fenced("console"):
            for words in commands(text):
                with self.subTest(f"{page}:{line}: {shlex.join(words)}"):
                    self.check_command(words)

    def check_command(self, words):
        if words[0] == "carillon":
            names = [word for word in words[1:3] if re.fullmatch(r"[a-z-]+", word)
                     and not word.startswith("-")]
            shown = subprocess.run([self.binary, *names, "--help"], capture_output=True, text=True,
                                   check=False)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            for flag in re.findall(r"--[a-z-]+", shlex.join(words)):
                self.assertIn(flag, shown.stdout)
        file = words[1] if words[0] == "python3" else words[0]
        if file.startswith(("tools/", "docs/", "tests/")):
            self.assertTrue(os.access(ROOT / file, os.R_OK if words[0] == "python3" else os.X_OK))

    def test_the_examples_of_the_page_on_tenants_get_the_statuses_they_name(self):
        self.check("docs/tenants.md", 8)

    def test_the_table_of_odd_nights_is_what_the_engine_computes(self):
        text = (ROOT / "docs/time.md").read_text(encoding="utf-8")
        shown = re.search(r"<!-- dst-table -->\n(.*?)\n<!-- /dst-table -->", text, re.DOTALL)
        table = subprocess.run([self.dst_table], capture_output=True, text=True, check=True)
        self.assertEqual(shown[1].strip(), table.stdout.strip())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--dst-table", required=True)
    arguments, rest = parser.parse_known_args()
    Documents.binary = str(pathlib.Path(arguments.binary).resolve())
    Documents.dst_table = str(pathlib.Path(arguments.dst_table).resolve())
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
