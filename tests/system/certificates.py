"""Certificates for tests, made anew by the openssl program."""

import os
import subprocess


def openssl(*arguments, given=None):
    """What the program prints."""
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True,
                          timeout=60).stdout


class Authority:
    """A certificate authority with a folder of its own, which the caller removes."""

    def __init__(self, folder, name="Test authority", parent=None):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.certificate = os.path.join(folder, "ca.pem")
        self._key = os.path.join(folder, "ca.key")
        self._request(self._key, name)
        extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
        self._sign(name, self.certificate, extensions, 3650, parent)

    def issue(self, name, days=30, starts=None, ends=None):
        """Paths of a certificate for 127.0.0.1 or a host, and of its key."""
        chain, key = (os.path.join(self.folder, f"{name}.{kind}") for kind in ("pem", "key"))
        self._request(key, name)
        kind = "IP" if name[0].isdigit() else "DNS"
        self._sign(name, chain, f"subjectAltName={kind}:{name}\n", days, self, starts, ends)
        return chain, key

    def _request(self, key, name):
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", f"{self.folder}/{name}.csr", "-subj", f"/CN={name}")
        os.chmod(key, 0o600)

    def _sign(self, name, to, extensions, days, parent, starts=None, ends=None):
        file = f"{self.folder}/extensions"
        with open(file, "w", encoding="ascii") as out:
            out.write(extensions)
        request = f"{self.folder}/{name}.csr"
        if starts:
            self._sign_by_dates(request, to, file, starts, ends)
            return
        signer = ["-CA", parent.certificate, "-CAkey", parent._key, "-CAcreateserial"] \
            if parent else ["-signkey", self._key]
        openssl("x509", "-req", "-in", request, "-out", to, "-days", str(days), "-extfile", file,
                *signer)

    def _sign_by_dates(self, request, to, extensions, starts, ends):
        """Only `openssl ca` lets a certificate end in the past."""
        settings = f"{self.folder}/ca.cnf"
        with open(settings, "w", encoding="ascii") as out:
            out.write(f"[ca]\ndefault_ca=this\n[this]\ndatabase={self.folder}/index\n"
                      f"new_certs_dir={self.folder}\nrand_serial=yes\ndefault_md=sha256\n"
                      "policy=any\nunique_subject=no\n[any]\ncommonName=supplied\n")
        open(f"{self.folder}/index", "a", encoding="ascii").close()
        openssl("ca", "-batch", "-config", settings, "-in", request, "-out", to, "-notext",
                "-cert", self.certificate, "-keyfile", self._key, "-extfile", extensions,
                "-startdate", starts, "-enddate", ends)


def joined(path, *parts):
    """A file that has all of the parts; only its owner may read it."""
    with open(path, "wb") as out:
        os.chmod(path, 0o600)
        for part in parts:
            with open(part, "rb") as source:
                out.write(source.read())
    return path
