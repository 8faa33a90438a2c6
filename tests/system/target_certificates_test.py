"""Targets with https: whom the server believes, and whom it calls nevertheless (nobody)."""

import os
import shutil
import ssl
import tempfile

import case
from certificates import Authority, joined
from receiver import Receiver


class TargetCertificates(case.ServerCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="carillon-targets-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.authority = Authority(os.path.join(cls.folder, "ca"))
        cls.server_settings = {
            "environment": {"CARILLON_DELIVERY_CA_FILE": cls.authority.certificate}}
        super().setUpClass()

    def target(self, *parts):
        """A receiver that shows these files."""
        receiver = Receiver(certificate=joined(os.path.join(self.folder, case.unique()), *parts))
        self.addCleanup(receiver.close)
        return receiver

    def outcome(self, receiver, host="127.0.0.1"):
        """The task, when it has been delivered there or not."""
        url = receiver.url("/x").replace("127.0.0.1", host)
        task = self.create(target=url)
        return self.wait_status(task["id"], *case.ENDED)

    def assert_refused(self, receiver, *words, host="127.0.0.1"):
        task = self.outcome(receiver, host)
        self.assertEqual(task["status"], "failed", task)
        error = task["attempts"][0]["error"]
        self.assertTrue(error.startswith("TLS: "), error)
        for word in words:
            self.assertIn(word, error)
        self.assertEqual(receiver.calls(), [])

    def test_a_good_one_is_called(self):
        receiver = self.target(*self.authority.issue("127.0.0.1"))
        self.assertEqual(self.outcome(receiver)["status"], "completed")

    def test_a_chain_that_the_target_shows_whole_is_called_and_without_its_middle_it_is_not(self):
        middle = Authority(os.path.join(self.folder, "middle"), "Middle", self.authority)
        chain, key = middle.issue("127.0.0.1")
        self.assertEqual(
            self.outcome(self.target(chain, middle.certificate, key))["status"], "completed")
        self.assert_refused(self.target(chain, key), "unable to get local issuer")

    def test_another_host(self):
        receiver = self.target(*self.authority.issue("elsewhere.test"))
        self.assert_refused(receiver)
        self.assert_refused(receiver, host="localhost")

    def test_one_that_has_expired_or_is_not_valid_yet(self):
        for starts, ends, word in (("20200101000000Z", "20210101000000Z", "expired"),
                                   ("20900101000000Z", "20910101000000Z", "not yet valid")):
            receiver = self.target(*self.authority.issue("127.0.0.1", starts=starts, ends=ends))
            self.assert_refused(receiver, word)

    def test_one_that_nobody_vouches_for(self):
        stranger = Authority(os.path.join(self.folder, "stranger"))
        self.assert_refused(self.target(*stranger.issue("127.0.0.1")), "certificate")
        self.assert_refused(self.target(stranger.certificate, os.path.join(stranger.folder, "ca.key")),
                            "self-signed")

    def test_an_old_version(self):
        receiver = self.target(*self.authority.issue("127.0.0.1"))
        receiver.tls.set_ciphers("ALL:@SECLEVEL=0")
        receiver.tls.minimum_version = ssl.TLSVersion.TLSv1
        receiver.tls.maximum_version = ssl.TLSVersion.TLSv1_1
        self.assert_refused(receiver)


if __name__ == "__main__":
    case.main()
