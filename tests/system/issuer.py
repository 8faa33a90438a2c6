"""An issuer of JSON Web Tokens for tests: keys by the openssl program, tokens as strange as wished."""

import base64
import http.server
import json
import os
import re
import threading
import time

from certificates import openssl

ISSUER, AUDIENCE = "https://issuer.test/", "carillon"


def b64(data):
    if not isinstance(data, bytes):
        data = data.encode() if isinstance(data, str) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A key pair with a name."""

    def __init__(self, folder, name, kind="RSA", bits=2048, curve="P-256"):
        self.name, self.kind = name, kind
        self.path = os.path.join(folder, f"{name}.key")
        option = f"rsa_keygen_bits:{bits}" if kind == "RSA" else f"ec_paramgen_curve:{curve}"
        openssl("genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", self.path)
        self.public_pem = openssl("pkey", "-in", self.path, "-pubout")

    def jwk(self, **more):
        text = openssl("pkey", "-in", self.path, "-noout", "-text_pub").decode()
        if self.kind == "RSA":
            modulus = re.search(r"Modulus:\n((?:\s+[0-9a-f:]+\n)+)", text)[1]
            fields = {"n": b64(bytes.fromhex(re.sub(r"[\s:]", "", modulus)).lstrip(b"\0")),
                      "e": "AQAB"}
        else:
            point = re.search(r"pub:\n((?:\s+[0-9a-f:]+\n)+)", text)[1]
            point = bytes.fromhex(re.sub(r"[\s:]", "", point))[1:]
            half = len(point) // 2
            curve = {32: "P-256", 48: "P-384"}[half]
            fields = {"crv": curve, "x": b64(point[:half]), "y": b64(point[half:])}
        return {"kty": self.kind, "kid": self.name, **fields, **more}

    def sign(self, data, algorithm):
        arguments = ["dgst", "-sha256", "-sign", self.path]
        if algorithm == "PS256":
            arguments += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
        made = openssl(*arguments, given=data)
        return made if self.kind == "RSA" else raw_signature(made)

    def token(self, head=None, claims=None, algorithm=None, **more):
        """A good token, but for what is told otherwise. A text is taken as it is; a claim or a
        field of the head that is None is left out."""
        algorithm = algorithm or ("RS256" if self.kind == "RSA" else "ES256")
        if not isinstance(head, str):
            head = without_none({"alg": algorithm, "typ": "JWT", "kid": self.name, **(head or {})})
        if not isinstance(claims, str):
            claims = without_none({"iss": ISSUER, "aud": AUDIENCE, "sub": "ann",
                                   "exp": time.time() + 3600, "scope": "tasks:read",
                                   **(claims or {}), **more})
        data = f"{b64(head)}.{b64(claims)}"
        return f"{data}.{b64(self.sign(data.encode(), algorithm))}"


def without_none(fields):
    return {name: value for name, value in fields.items() if value is not None}


def raw_signature(der):
    """The two numbers of an ASN.1 signature, 32 bytes each."""
    numbers, at = [], 2
    while at < len(der):
        size = der[at + 1]
        numbers.append(der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0"))
        at += 2 + size
    return b"".join(numbers)


class KeyServer:
    """Publishes keys on the loopback. `answer`: status and body of the next requests."""

    def __init__(self, *keys):
        self.requests = 0
        self.publish(*keys)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests += 1
                status, body = outer.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/keys"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def publish(self, *keys):
        self.answer = (200, json.dumps({"keys": [key.jwk() for key in keys]}).encode())

    def close(self):
        self._server.shutdown()
        self._server.server_close()
