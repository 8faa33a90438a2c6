#!/usr/bin/env python3
"""Receives webhooks and does each once. Python 3.11, standard library only.

The handler is a file of yours with a function `handle(id, body)`; the body is bytes. When it returns,
the delivery is done (200); when it raises, the sender will try again (500). `verify` can be taken out
and used with any framework: give it the body as it came, byte for byte.
"""
import argparse
import base64
import hashlib
import hmac
import http.server
import importlib
import os
import sys
import threading
import time

TOLERANCE = 300  # seconds between the sender's clock and ours
BODY_BYTES_MAX = 1 << 20
IDS_KEPT = 100_000


class Refused(Exception):
    """Not from who it says, or not from now."""


def verify(secrets, headers, body, now=None):
    """The id of a delivery that one of the secrets has signed, within five minutes."""
    ident, stamp, given = (headers.get(f"webhook-{name}") or ""
                           for name in ("id", "timestamp", "signature"))
    if not ident or not given or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        raise Refused("a header is missing, or is none of a webhook")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE:
        raise Refused("the timestamp is more than five minutes away")
    signed = f"{ident}.{stamp}.".encode() + body
    is_right = False
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        wanted = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        for signature in given.split(" "):
            is_right |= hmac.compare_digest(signature.encode(), wanted)
    if not is_right:
        raise Refused("no signature is right")
    return ident


class Ids:
    """What is under way and what is done. Memory is enough against replays: later on their timestamp
    gives them away. Against a repeat after a restart of this program, keep the ids in your database,
    written in the transaction of the work."""

    def __init__(self):
        self.lock, self.is_done = threading.Lock(), {}

    def begin(self, ident):
        """None: it is new, and ours now. False: it is under way. True: it is done."""
        with self.lock:
            known = self.is_done.get(ident)
            if known is None:
                self.is_done[ident] = False
            return known

    def end(self, ident, done):
        with self.lock:
            if done:
                self.is_done[ident] = True
            else:
                self.is_done.pop(ident, None)
            if len(self.is_done) > IDS_KEPT:
                del self.is_done[next(iter(self.is_done))]


def receiver(secrets, handle, ids):
    class Receiver(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self):
            length = self.headers.get("content-length", "")
            if not (length.isascii() and length.isdigit() and int(length) <= BODY_BYTES_MAX):
                self.close_connection = True
                return self.answer(413)
            body = self.rfile.read(int(length))
            try:
                ident = verify(secrets, self.headers, body)
            except Refused as why:
                log(f"refused: {why}")
                return self.answer(401)
            known = ids.begin(ident)
            if known is not None:
                return self.answer(200 if known else 409)  # 409: come again, it may fail yet
            done = False
            try:
                handle(ident, body)
                done = True
            except Exception as error:  # whatever the handler raises
                log(f"{ident} failed: {error}")
            finally:
                ids.end(ident, done)
            return self.answer(200 if done else 500)

        def answer(self, status):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return Receiver


def log(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Receives webhooks.")
    parser.add_argument("--secrets", required=True, metavar="FILE", help="one whsec_... a line")
    parser.add_argument("--handler", required=True, metavar="FILE.py", help="has handle(id, body)")
    parser.add_argument("--port", type=int, default=9000)
    options = parser.parse_args()
    with open(options.secrets, encoding="ascii") as file:
        secrets = file.read().split()
    folder, name = os.path.split(os.path.abspath(options.handler))
    sys.path.insert(0, folder)
    handle = importlib.import_module(name.removesuffix(".py")).handle
    http.server.ThreadingHTTPServer(("127.0.0.1", options.port),
                                    receiver(secrets, handle, Ids())).serve_forever()


if __name__ == "__main__":
    main()
