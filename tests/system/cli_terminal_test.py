"""The command line on a terminal and without a server: tables, watching, progress, signals, exit
codes, completion, rules and crontabs."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

import case
from carillon import Server
from cli_case import CliCase, Terminal

CRONTAB = """\
MAILTO=root
FOO = "x y"
CRON_TZ=Europe/Berlin
30 2 * * 1-5  /usr/local/bin/backup --all%input
@hourly       cd /srv/app && ./sync.sh
@reboot       /bin/true
"""


class OnATerminal(CliCase):
    def terminal(self, *words, columns=100, **environment):
        return Terminal([case.binary(), *words], {**self.environment, **environment}, columns)

    def test_a_list_is_a_table_no_wider_than_the_terminal(self):
        self.make("tasks", "create", "--task-type", "t" * 200)
        shown = self.terminal("tasks", "list", "--limit", "1", columns=60)
        self.assertEqual(shown.finish(), 0)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.text)
        # What says how to go on is no line of the table: it is copied whole.
        lines = [line for line in plain.splitlines() if "more: --cursor" not in line]
        self.assertTrue(lines[0].startswith("ID"))
        self.assertLessEqual(max(map(len, lines)), 60)
        self.assertIn("…", plain)
        self.assertIn("\x1b[1m", shown.text)
        without = self.terminal("tasks", "list", "--limit", "1", NO_COLOR="1")
        self.assertEqual(without.finish(), 0)
        self.assertNotIn("\x1b", without.text)

    def test_a_list_is_watched_until_it_is_interrupted(self):
        watching = self.terminal("tasks", "list", "--task-type", "seen", "--watch=100ms")
        self.assertTrue(watching.read_until(lambda text: text.count("\x1b[2J") > 2))
        task = self.make("tasks", "create", "--task-type", "seen")
        self.assertTrue(watching.read_until(task))
        watching.interrupt()
        self.assertEqual(watching.finish(), 130)

    def test_without_a_terminal_watching_tells_what_has_changed(self):
        task = self.make("tasks", "create", "--task-type", "other")
        watching = subprocess.Popen(
            [case.binary(), "tasks", "list", "--task-type", "other", "--watch=100ms"],
            env=self.environment, stdout=subprocess.PIPE, text=True)
        self.assertIn("queued", watching.stdout.readline())
        self.cli("tasks", "cancel", task)
        self.assertIn("canceled", watching.stdout.readline())
        watching.send_signal(signal.SIGINT)
        self.assertEqual(watching.wait(60), 130)
        watching.stdout.close()

    def test_an_upload_shows_its_progress(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
            file.write('{"task_type":"bar"}\n' * 3000)
            file.flush()
            shown = self.terminal("batches", "create", file.name)
            self.assertEqual(shown.finish(), 0)
            self.assertRegex(shown.text, r"\[#+\.*\] +\d+\.\d %  \d+ of 3000 tasks are on disk")
            quiet = self.terminal("batches", "create", file.name, "-q")
            self.assertEqual(quiet.finish(), 0)
            self.assertNotIn("%", quiet.text)

    def test_a_wait_shows_its_progress_until_it_is_interrupted(self):
        batch = self.cli("batches", "create", "-", "--template", '{"task_type":"slow"}', "-q",
                         input='{"payload":1}\n').strip()
        waiting = self.terminal("batches", "wait", batch)
        self.assertTrue(waiting.read_until("0 of 1 tasks, running"))
        waiting.interrupt()
        self.assertEqual(waiting.finish(), 130)

    def test_a_job_over_many_tasks_shows_its_end(self):
        self.make("tasks", "create", "--task-type", "gone")
        shown = self.terminal("bulk", "start", "cancel", "--task-type", "gone")
        self.assertEqual(shown.finish(), 0)
        self.assertIn("completed", shown.text)

    def test_a_copy_of_a_store_shows_its_progress(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(case.binary())
            self.addCleanup(server.close)
            server.start().terminate()
            made = self.terminal("backup", f"{folder}/b", "--data", server.data)
            self.assertEqual(made.finish(), 0)
            self.assertIn("MiB are copied", made.text)
            self.cli("restore", f"{folder}/b", "--data", f"{folder}/r")

    def test_a_closed_pipe_is_no_fault(self):
        for _ in range(3):
            self.make("tasks", "create", "--task-type", "pipe")
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {case.binary()} tasks list -o ndjson | true"],
            env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class WithoutAServer(CliCase):
    def test_it_is_said_how_a_server_is_reached(self):
        with tempfile.TemporaryDirectory() as empty:
            done = self.run_cli("tasks", "list", CARILLON_STORE_DATA=empty)
        self.assertEqual(done.returncode, 4)
        self.assertIn("--url", done.stderr)
        done = self.run_cli("tasks", "list", "--url", "http://127.0.0.1:1")
        self.assertEqual(done.returncode, 4)
        self.assertIn("carillon serve", done.stderr)

    def test_mistyped_commands_are_faults_of_usage(self):
        self.assertIn("did you mean tasks?", self.refused("taks", expect=2))
        self.assertIn("did you mean list?", self.refused("tasks", "lst", expect=2))
        self.refused("tasks", "list", "--nonsense", expect=2)

    def test_a_rule_fires_as_the_server_says(self):
        words = ("30 2 * * *", "--timezone", "Europe/Berlin", "--from", "2030-03-30T12:00:00Z")
        here = self.cli_json("preview", *words, "--count", "3")
        there = self.call("POST", "/v1/preview", {
            "cron": words[0], "timezone": words[2], "start_from": words[4], "limit": 3})
        self.assertEqual(here, there)
        told = self.cli("preview", *words, "--count", "1").splitlines()
        self.assertEqual(told[0], "At 02:30 every day, in Europe/Berlin")
        self.assertTrue(told[-1].startswith("note: 2030-03-31 has no 02:30"))
        self.assertEqual(len(self.cli("preview", "@every 90s", "--count", "4", "-q").split()), 4)
        self.assertIn("last Friday", self.cli("preview", "FREQ=MONTHLY;BYDAY=-1FR"))
        self.assertIn("2031-07-01T09:00:00+09:00",
                      self.cli("preview", "2031-07-01T09:00:00", "--timezone", "Asia/Tokyo"))
        for wrong in (("61 * * * *",), ("* * * * *", "--timezone", "Nowhere"),
                      ("* * * * *", "--count", "0"), ("* * * * *", "--from", "soon")):
            self.refused("preview", *wrong, expect=2)

    def test_a_crontab_becomes_jobs_that_a_server_takes(self):
        done = self.run_cli("import", "crontab", "--toml", "-", input=CRONTAB)
        self.assertEqual(done.returncode, 1)  # one line was left out
        self.assertIn("line 6: @reboot", done.stderr)
        self.assertIn("line 1: MAILTO", done.stderr)
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(done.stdout)
            file.flush()
            self.assertIn("2 jobs", self.cli("config", "check", "--config", file.name))
        jobs = json.loads(self.run_cli("import", "crontab", "--dry-run", "-o", "json",
                                       input=CRONTAB).stdout)["jobs"]
        self.assertEqual([(job["name"], job["timezone"]) for job in jobs],
                         [("backup", "Europe/Berlin"), ("sync-sh", "Europe/Berlin")])
        self.assertEqual(jobs[0]["when"], "At 02:30, Monday to Friday, in Europe/Berlin")
        self.assertEqual(self.cli("import", "crontab", "--system", "--timezone", "UTC", "--dry-run",
                                  "-q", input="1 * * * * root x\n"), "x\n")
        self.refused("import", "crontab", "/nowhere", expect=2)

    def test_imported_commands_run_with_their_input_and_variables(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "out"
            table = f'FOO=bar\n0 0 1 1 * (cat; echo "$FOO") >{out}%first%second\\%\n'
            config = pathlib.Path(folder) / "carillon.toml"
            config.write_text(self.cli("import", "crontab", input=table))
            server = Server(case.binary(), config=config)
            self.addCleanup(server.close)
            server.start()
            self.assertIn("success", self.cli("jobs", "run", "cat", "--wait", "30",
                                              CARILLON_STORE_DATA=server.data))
            self.assertEqual(out.read_text(), "first\nsecond%\nbar\n")

    def test_wrong_settings_are_told_by_the_check(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write("[tasks.a]\ncron = 5\n")
            file.flush()
            self.assertIn("tasks.a.cron", self.refused("config", "check", "--config", file.name,
                                                       expect=2))


class Shells(CliCase):
    def commands(self):
        """Every noun with its verbs, as the help has them."""
        listed = self.cli("--help").split("Commands that ask a server")[1]
        listed = listed.split("Every setting")[0]
        for noun in re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE):
            text = self.cli(noun, "--help")
            verbs = re.findall(r"^  ([a-z-]+) ", text.split("Commands:")[1], re.MULTILINE) \
                if "Commands:" in text else []
            yield noun, verbs

    def complete(self, *words):
        script = f"""source <({case.binary()} completion bash)
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _carillon; printf '%s\\n' "${{COMPREPLY[@]}}" """
        done = subprocess.run(["bash", "-c", script, "bash", "carillon", *words],
                              env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.split()

    def test_bash_completes_what_the_help_shows(self):
        nouns = dict(self.commands())
        self.assertGreater(len(nouns), 20)
        self.assertLessEqual(set(nouns), set(self.complete("")))
        for noun, verbs in nouns.items():
            if verbs:
                self.assertLessEqual(set(verbs), set(self.complete(noun, "")))
        self.assertEqual(self.complete("tasks", "ca"), ["cancel"])
        self.assertEqual(self.complete("tasks", "list", "--sta"), ["--status"])
        self.assertEqual(self.complete("tasks", "list", "-o", "n"), ["ndjson"])
        self.assertIn("retry", self.complete("bulk", "start", ""))
        self.assertEqual(self.complete("serve", "--log-level", "w"), ["warn"])
        self.assertEqual(self.complete("preview", "--ki"), ["--kind"])
        self.assertEqual(self.complete("config", ""), ["show", "check", "--help"])

    def test_the_page_of_documentation_names_every_verb(self):
        page = pathlib.Path(__file__).resolve().parents[2] / "docs/cli.md"
        table = page.read_text().split("| noun | verbs |")[1].split("\n\n")[0]
        rows = dict(re.findall(r"^\| `([a-z]+)` \| (.*) \|$", table, re.MULTILINE))
        for noun, verbs in self.commands():
            if verbs:
                self.assertEqual(re.findall(r"`([a-z-]+)`", rows[noun]), verbs)
            else:
                self.assertIn(f"`{noun}`", table)

    def test_the_pages_of_the_manual_are_sound(self):
        for section in ("1", "5"):
            done = subprocess.run(["groff", "-mandoc", "-ww", "-z", "-Tutf8"],
                                  input=self.cli("manual", section), capture_output=True, text=True,
                                  check=True, env={**os.environ})
            self.assertEqual(done.stdout + done.stderr, "")


if __name__ == "__main__":
    case.main()
