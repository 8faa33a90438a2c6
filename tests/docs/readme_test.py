"""Runs the examples of the documents against a real server.

A block that is fenced as ```sh is run when one of its commands names the HTTP status that it gets,
in a comment at the end of a line:

    curl -s "$B/healthz"   # 200

The blocks of a document run in one shell, in their order, with $B (the address), $H (the header with
the token) and $J (the header of a JSON body) set. Every call of curl must be named. A document names
flags for its server in a line such as <!-- examples: --clock manual -->, and shows the server's file
in a block that is fenced as ```toml carillon.toml.
"""

import argparse
import pathlib
import re
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
    """(line, block, statuses) of each block that is to be run."""
    for found in BLOCK.finditer(text):
        statuses = STATUS.findall(found[1])
        if statuses:
            yield text.count("\n", 0, found.start()) + 2, found[1], statuses


def script(text, statuses_path):
    """All blocks of a document as one shell script; each one first says where it is."""
    parts = [PRELUDE]
    for line, block, _ in examples(text):
        parts.append(f"echo 'line {line}' >>'{statuses_path}'\n{block}")
    return "\n".join(parts)


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
        with tempfile.NamedTemporaryFile("r+", suffix=".statuses") as statuses:
            environment = {
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "STATUSES": statuses.name,
                "B": f"http://127.0.0.1:{server.port}",
                "H": f"Authorization: Bearer {server.token}",
                "J": "Content-Type: application/json",
            }
            run = subprocess.run(["bash", "-c", script(text, statuses.name)], env=environment,
                                 capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
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
