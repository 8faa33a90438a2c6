#!/usr/bin/env python3
"""Include lines must follow the layers; docs/architecture.md draws them, the table below rules."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ALLOWED = {  # folder -> what of ours it may include
    "model": ["model"],
    "storage": ["storage", "model"],
    "actors": ["actors", "storage", "model"],
    "http": ["http", "actors", "model"],
    "config": ["config", "model"],
    "tools/bench": ["tools/bench"],
    "tools/cli": ["tools/cli", "model", "config"],
    "client_commands.hpp": ["config"],
    "client_commands.cpp": ["client_commands", "storage", "tools/cli"],
    "store_commands.hpp": ["config"],
    "store_commands.cpp": ["store_commands", "model", "config", "storage", "http", "tools/cli"],
    "main.cpp": ["client_commands", "door", "wiring", "service_manager", "store_commands", "model", "config", "http"],
    "door.hpp": ["actors", "http", "config"],
    "door.cpp": ["door", "model", "actors", "http", "config"],
    "service_manager.hpp": [],
    "service_manager.cpp": ["service_manager", "actors"],
    "wiring.hpp": ["actors", "http", "config"],
    "wiring.cpp": ["wiring", "model", "actors", "http", "config"],
}
LIBRARIES = {  # what an include begins with -> the folders that may have it
    "caf/": ["actors"],
    "boost/asio": ["http"],
    "boost/beast": ["http"],
    "rocksdb/": ["storage"],
    "curl/": ["actors", "tools/cli"],
    "openssl/": ["storage", "actors", "http", "tools/cli"],
    "systemd/": ["service_manager.cpp"],
    "simdjson": ["model", "tools/bench"],
    "cjose/": ["http"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
IMPURE = re.compile(r"#\s*include\s*<thread>|\b(?:system|steady|high_resolution)_clock::now")


def faults(folder, path):
    text = path.read_text(encoding="utf-8")
    for quote, name in INCLUDE.findall(text):
        if quote == '"' and not any(re.match(rf"{ours}[/.]", name) for ours in ALLOWED[folder]):
            yield f"{folder} may not include {name}"
        for library, owners in LIBRARIES.items():
            if name.startswith(library) and folder not in owners:
                yield f"only {' and '.join(owners)} may include {name}"
    if folder == "model" and IMPURE.search(text):
        yield "model asks no clock and starts no thread"


def main():
    found = []
    for folder in ALLOWED:
        place = ROOT / folder
        sources = [place] if place.is_file() else sorted(place.rglob("*.[ch]pp"))
        if not sources:
            found.append(f"{folder}: no sources there")
        for path in sources:
            found += [f"{path.relative_to(ROOT)}: {fault}" for fault in faults(folder, path)]
    return "\n".join(found)


if __name__ == "__main__":
    sys.exit(main() or 0)
