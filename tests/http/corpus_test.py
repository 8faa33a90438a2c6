#!/usr/bin/env python3
"""Sends every request of the HTTP corpus to a server and judges the answers.

Usage: corpus_test.py (--binary SERVER | --address HOST:PORT) [--only ID] [--verbose]

Each row goes out on fresh connections: whole, byte by byte, and cut in two at a sample of offsets;
after each a good request on a second connection must be answered. SERVER prints its address on the
first line of its output and ends when its input does. The corpus is in $CARILLON_CORPORA or in
../shared/corpora beside the checkout; without it there is nothing to do.
"""

import argparse
import base64
import concurrent.futures
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

PROTOCOL_REFUSALS = {400, 413, 414, 417, 431, 501, 505}
SHOULD_MIN = 30  # of 34
ANSWER_SECONDS = 3.0
SPLITS = 6
GOOD = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Broken(Exception):
    """The server's bytes are not a row of HTTP answers."""


def corpus_file():
    folder = os.environ.get("CARILLON_CORPORA")
    if folder is None:
        folder = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "corpora"
    return pathlib.Path(folder) / "http.jsonl"


def methods_of(raw, count):
    """The methods of the requests, as far as HEAD matters: its answer has no body."""
    return ["HEAD" if raw.lstrip(b"\r\n").startswith(b"HEAD ") else "GET"] + ["GET"] * count


def read_answers(data, methods):
    """Splits what came into statuses. Returns them and whether the last one is complete."""
    statuses = []
    while data:
        head, separator, rest = data.partition(b"\r\n\r\n")
        if not separator:
            return statuses, False
        lines = head.split(b"\r\n")
        parts = lines[0].split(b" ", 2)
        if len(parts) < 2 or parts[0] not in (b"HTTP/1.1", b"HTTP/1.0") or not parts[1].isdigit():
            raise Broken(f"not a status line: {lines[0][:60]!r}")
        status = int(parts[1])
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon:
                raise Broken(f"not a header: {line[:60]!r}")
            headers[name.lower()] = value.strip()
        if status // 100 == 1:
            data = rest
            continue
        method = methods[min(len(statuses), len(methods) - 1)]
        if method == "HEAD" or status in (204, 304):
            size = 0
        elif b"content-length" in headers:
            size = int(headers[b"content-length"])
        else:
            raise Broken("an answer without a length")
        if len(rest) < size:
            return statuses, False
        statuses.append(status)
        data = rest[size:]
    return statuses, True


def exchange(address, pieces, row, raw):
    """Sends the pieces and reads until the server closes or enough has come."""
    wanted = max(row["requests"], 1)
    methods = methods_of(raw, wanted)
    data = b""
    closed = False
    with socket.create_connection(address, timeout=ANSWER_SECONDS) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.settimeout(0.0005)
        for piece in pieces:
            try:
                client.settimeout(ANSWER_SECONDS)
                client.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            try:
                client.settimeout(max(end - time.monotonic(), 0.001))
                more = client.recv(65536)
            except socket.timeout:
                break
            except ConnectionResetError:
                closed = True
                break
            if not more:
                closed = True
                break
            data += more
            if row["expect"] == "accept":
                statuses, complete = read_answers(data, methods)
                if complete and len(statuses) >= wanted:
                    closed_soon(client)
                    break
            elif row["expect"] in ("either", "incomplete"):
                break  # only the next request matters
    return data, closed, methods


def closed_soon(client):
    """Leaves no half-read answer behind."""
    try:
        client.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def judge(row, data, closed, methods):
    """None when the row is satisfied, else what is wrong."""
    expect = row["expect"]
    if expect in ("either", "incomplete"):
        return None
    statuses, complete = read_answers(data, methods)
    if not complete:
        return f"an answer is cut off: {data[-80:]!r}"
    if expect == "reject":
        if any(status not in PROTOCOL_REFUSALS for status in statuses):
            return f"answered {statuses}"
        return None if closed else f"left open after {statuses}"
    if any(status in PROTOCOL_REFUSALS for status in statuses):
        return f"refused {statuses[:5]}: {data[-200:]!r}"
    if len(statuses) != row["requests"]:
        # A server may close after an HTTP/1.0 request, and after one it was told to be the last.
        allowed_early = closed and statuses and "close is also right" in (row.get("note") or "")
        if not allowed_early:
            return f"{len(statuses)} answers to {row['requests']} requests"
    return None


def ways(raw):
    yield "whole", [raw]
    if len(raw) > 4096:  # long rows repeat themselves
        yield "in pieces of 1000", [raw[at:at + 1000] for at in range(0, len(raw), 1000)]
    else:
        yield "byte by byte", [raw[at:at + 1] for at in range(len(raw))]
    step = max(len(raw) // SPLITS, 1)
    for at in range(step, len(raw), step):
        yield f"cut at {at}", [raw[:at], raw[at:]]


def check_good(address):
    """A good request on a second connection."""
    row = {"requests": 1, "expect": "accept"}
    data, closed, methods = exchange(address, [GOOD], row, GOOD)
    statuses, complete = read_answers(data, methods)
    if statuses != [200] or not complete:
        return f"the next good request got {statuses}"
    return None


def check_row(address, row):
    raw = base64.b64decode(row["raw_b64"])
    for name, pieces in ways(raw):
        try:
            wrong = judge(row, *exchange(address, pieces, row, raw)) or check_good(address)
        except (Broken, OSError) as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            return row, f"{name}: {wrong}"
    return row, None


def run(address, rows, verbose):
    failed = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=32) as pool:
        for row, wrong in pool.map(lambda each: check_row(address, each), rows):
            if wrong:
                failed[row["id"]] = wrong
                if verbose or row["level"] == "must":
                    print(f"{row['level']} {row['expect']} {row['id']}: {wrong}")
    score = 0
    for level in ("must", "should", "may"):
        of_level = [row for row in rows if row["level"] == level]
        passed = sum(row["id"] not in failed for row in of_level)
        print(f"{level}: {passed} of {len(of_level)}")
        if level == "must" and passed < len(of_level):
            score = 1
        if level == "should" and passed < min(SHOULD_MIN, len(of_level)):
            score = 1
        if level == "may" and passed < len(of_level):
            score = 1  # nothing is expected of these but that the server lives on
    return score


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary")
    parser.add_argument("--address")
    parser.add_argument("--only")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    file = corpus_file()
    if not file.is_file():
        print(f"skipped: there is no corpus at {file}")
        return 0
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    if arguments.only:
        rows = [row for row in rows if row["id"] == arguments.only]
    server = None
    address = arguments.address
    if arguments.binary:
        server = subprocess.Popen([arguments.binary], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        address = server.stdout.readline().strip()
    if not address:
        parser.error("one of --binary and --address is needed")
    host, _, port = address.rpartition(":")
    try:
        score = run((host.strip("[]"), int(port)), rows, arguments.verbose)
        if server and server.poll() is not None:
            print(f"the server ended with {server.returncode}")
            score = 1
    finally:
        if server:
            server.stdin.close()
            server.wait(timeout=30)
    if server and server.returncode != 0:
        print(f"the server ended with {server.returncode}")
        score = 1
    return score


if __name__ == "__main__":
    sys.exit(main())
