"""check, backup and restore of a server with tenants."""

import json
import os
import shutil
import subprocess
import tempfile

import case
from client import Client
from tenant_case import TenantCase


def run(*arguments):
    return subprocess.run([case.binary(), *arguments], capture_output=True, text=True, timeout=60,
                          check=False)


class Stores(TenantCase):
    clock = None

    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="carillon-tenants-")
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.server_settings = {"environment": {"CARILLON_STORE_BACKUPS": cls.home}}
        super().setUpClass()

    def served(self, data, tenant, task):
        """Whether a server on the folder knows the tenant's token and its task."""
        server = case.Server(case.binary(), data=data)
        self.addCleanup(server.close)
        server.start()
        client = Client(server.port, tenant.token)
        found = client.get(f"/v1/tasks/{task}").status
        client.close()
        self.assertEqual(server.terminate(), 0)
        return found == 200

    def test_a_backup_has_all_tenants(self):
        one = self.tenant()
        task = one.create(execute_after="PT1H")["id"]
        place = os.path.join(self.home, "live")
        made = self.call("POST", "/v1/backup", {"to": place}, expect=201)
        self.assertGreaterEqual(made["tasks"], 1)
        again = os.path.join(self.home, "restored")
        done = run("restore", place, "--data", again)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(f"tenant {one.name}", done.stdout)
        self.assertTrue(self.served(again, one, task))
        aside = os.path.join(self.home, "aside")
        done = run("backup", aside, "--data", again)
        self.assertEqual(done.returncode, 0, done)
        self.assertTrue(self.served(aside, one, task))

    def test_check_looks_through_the_stores_of_all_tenants(self):
        one = self.tenant()
        one.create(execute_after="PT1H")
        self.assertEqual(self.server.terminate(), 0)
        done = run("check", "--data", self.server.data, "-o", "json")
        self.assertEqual(done.returncode, 0, done)
        report = json.loads(done.stdout)
        self.assertEqual(report["tenants"][one.name]["read"]["tasks"], 1)
        self.assertEqual(report["tenants"][one.name]["fault_count"], 0)
        folder = os.path.join(self.server.data, "tenants", one.name)
        os.rename(folder, folder + ".away")
        done = run("check", "--data", self.server.data)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(f"the store of the tenant {one.name} is not there", done.stdout)
        self.assertIn("belongs to no tenant", done.stdout)
        os.rename(folder + ".away", folder)
        self.server.start()


if __name__ == "__main__":
    case.main()
