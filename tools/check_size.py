#!/usr/bin/env python3
"""No hand-written file is over 400 lines, no function over 60.

A function is measured simply, as clang-format lays it out: from the line of its opening brace at the
depth of namespaces and classes to the closing brace below it.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["model", "storage", "actors", "http", "config", "tools/bench", "tools/cli", "tests", "main.cpp"]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# Comments, raw strings, strings, characters: braces in them are none.
NO_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)'(?:\\.|[^'\\\n])+'""", re.S)
# A function has a parameter list before its brace; what encloses functions, and data, has none.
HEAD = re.compile(r"\)[^()]*$")


def functions(text):
    """(first line, lines) of every outermost function-like block."""
    text = NO_CODE.sub(lambda found: "\n" * found.group().count("\n"), text)
    blocks, statement = [], ""
    for number, line in enumerate(text.split("\n"), 1):
        for char in "" if line.lstrip().startswith("#") else line + "\n":
            if char == "{":
                blocks.append(number if HEAD.search(statement) else None)
            elif char == "}" and blocks:
                start = blocks.pop()
                if start and not any(blocks):
                    yield start, number - start + 1
            statement = "" if char in "{};" else statement + char


def main():
    found = []
    for folder in FOLDERS:
        place = ROOT / folder
        for path in [place] if place.is_file() else sorted(place.rglob("*.[ch]pp")):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(ROOT)
            lines = text.count("\n")
            if lines > FILE_LINES_MAX:
                found.append(f"{name}: {lines} lines, at most {FILE_LINES_MAX}")
            found += [f"{name}:{start}: a function of {length} lines, at most {FUNCTION_LINES_MAX}"
                      for start, length in functions(text) if length > FUNCTION_LINES_MAX]
    return "\n".join(found)


if __name__ == "__main__":
    sys.exit(main() or 0)
