"""A target on loopback that records every call and answers as it was told."""

import collections
import socket
import ssl
import threading
import time

Call = collections.namedtuple("Call", "path task attempt headers body at answer")


class Plan:
    """How one call is answered. `status` None closes the connection without an answer."""

    def __init__(self, status=200, delay=0.0, headers=None, body=b"", hold=False):
        self.status = status
        self.delay = delay  # seconds before the answer
        self.headers = headers or {}
        self.body = body
        self.hold = hold  # answer only after release()


class Receiver:
    """`on_call(call)` is told of each arrival before it is answered, on the connection's thread.
    `keep` False: calls are told and not kept. `tls`: what it goes by, with a certificate."""

    def __init__(self, on_call=None, certificate=None, keep=True):
        self._on_call = on_call
        self._keep = keep
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self._changed = threading.Condition()
        self._calls = []
        self._plans = {}
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path="/ok"):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    def on(self, path, *plans):
        """The answers of a path in order; the last one repeats. A plan may be a function of the
        call. A path without plans answers 200."""
        with self._changed:
            self._plans[path] = list(plans)

    def release(self):
        """Lets the answers go that are held, and those that would be."""
        self._released.set()

    def reset(self):
        """Forgets calls and plans. Held answers go."""
        self._released.set()
        with self._changed:
            self._calls.clear()
            self._plans.clear()
            self._released = threading.Event()

    def calls(self, path=None):
        with self._changed:
            return [call for call in self._calls if path in (None, call.path)]

    def wait_for(self, count, path=None, timeout=10.0):
        """The calls, once there are `count` of them."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = [call for call in self._calls if path in (None, call.path)]
                if len(found) >= count:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(
                        f"{len(found)} calls of {path or 'any path'} in {timeout} s, not {count}")
                self._changed.wait(left)

    def close(self):
        self._released.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # close alone would leave the accept waiting
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as stream:
                while self._serve_one(connection, stream):
                    pass
        except (OSError, ValueError):
            connection.close()

    def _serve_one(self, connection, stream):
        line = stream.readline().split()
        if len(line) != 3:
            return False
        path = line[1].decode()
        headers = {}
        while (field := stream.readline().strip()):
            name, _, value = field.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        plan, released = self._record(path, headers, body)
        if plan.hold:
            released.wait()
        if plan.delay:
            time.sleep(plan.delay)
        if plan.status is None:
            return False
        fields = {"Content-Length": str(len(plan.body)), **plan.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        connection.sendall(f"HTTP/1.1 {plan.status} .\r\n{head}\r\n".encode() + plan.body)
        return True

    def _record(self, path, headers, body):
        attempt = headers.get("carillon-attempt", "")
        call = Call(path, headers.get("webhook-id"), int(attempt) if attempt.isdigit() else None,
                    headers, body, time.time(), None)
        with self._changed:
            plans = self._plans.get(path) or [Plan()]
            plan = plans.pop(0) if len(plans) > 1 else plans[0]
            if callable(plan):
                plan = plan(call)
            call = call._replace(answer=plan.status)
            if self._keep:
                self._calls.append(call)
            released = self._released
            self._changed.notify_all()
        if self._on_call:
            self._on_call(call)
        return plan, released
