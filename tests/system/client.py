"""A small keep-alive HTTP/1.1 client: one connection, one request at a time, no hidden repeats.

A request that got no answer raises ConnectionError, so that a caller who keeps a journal knows
exactly what it does not know.
"""

import json
import select
import socket

import contract


class Answer:
    """What the server said."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:600].decode(errors='replace')}>"


class Client:
    """One connection, made when it is needed. For one thread. `source`: the address it comes from."""

    def __init__(self, port, token=None, timeout=30.0, source=None):
        self.port = port
        self.source = source
        self.token = token
        self.timeout = timeout
        self._socket = None
        self._buffer = b""

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, **options):
        return self.call("POST", path, body, **options)

    def call(self, method, path, body=None, headers=None):
        """`body`: bytes go as they are, None is no body, anything else goes as JSON."""
        fields = {"Host": f"127.0.0.1:{self.port}"}
        if self.token is not None:
            fields["Authorization"] = f"Bearer {self.token}"
        data = b""
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            fields["Content-Type"] = "application/json"
        if body is not None or method in ("POST", "PUT", "PATCH"):
            fields["Content-Length"] = str(len(data))
        fields.update(headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        answer = self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data)
        if promised := contract.current():
            promised.check(method, path, fields, data, answer)
        return answer

    def send(self, request):
        """Sends bytes as they are and reads one answer."""
        try:
            self._connect()
            self._socket.sendall(request)
            return self._read_answer()
        except (OSError, ValueError) as error:
            self.close()
            raise ConnectionError(f"no answer: {error}") from error

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __del__(self):
        self.close()  # a thread's own client ends with the thread

    def _connect(self):
        # A connection that is readable before the request was closed by the server meanwhile.
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(
                ("127.0.0.1", self.port), self.timeout, self.source and (self.source, 0))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._buffer = b""

    def _read_answer(self):
        head = self._read_until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._read_chunks()
        elif status == 204:
            body = b""
        else:
            body = self._read_exactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    def _read_chunks(self):
        pieces = []
        while size := int(self._read_until(b"\r\n").split(b";")[0], 16):
            pieces.append(self._read_exactly(size))
            self._read_exactly(2)
        self._read_until(b"\r\n")
        return b"".join(pieces)

    def _read_until(self, mark):
        while mark not in self._buffer:
            self._receive()
        head, _, self._buffer = self._buffer.partition(mark)
        return head

    def _read_exactly(self, size):
        while len(self._buffer) < size:
            self._receive()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _receive(self):
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError("the connection was closed")
        self._buffer += piece
