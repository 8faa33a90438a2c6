#!/usr/bin/env python3
"""Joins the parts in http/openapi into the API's document, and makes what the server embeds.

    join.py PARTS --document openapi.json             the document alone
    join.py PARTS --page FOLDER --assets assets.cpp   also the page and the schemas, as C++

docs/openapi.md tells how the parts are written.
"""

import argparse
import gzip
import json
import pathlib
import re
import sys

import yaml

JSON = "application/json"
PROBLEM = "application/problem+json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASIC = re.compile(r"(string|integer|number|boolean|object|any|null)(?:\((-?\d*)\.\.(-?\d*)\))?")
LIMITS = {"string": ("minLength", "maxLength"), "integer": ("minimum", "maximum"),
          "number": ("minimum", "maximum")}


# -- schemas ---------------------------------------------------------------------------------------

def with_null(schema):
    """The schema that takes null, too."""
    if not {"type", "$ref", "anyOf", "const"} & schema.keys():  # takes anything
        return schema
    if "anyOf" in schema:
        rest = [each for each in schema["anyOf"] if each != {"type": "null"}]
        return {**schema, "anyOf": [*rest, {"type": "null"}]}
    if isinstance(schema.get("type"), str) and "const" not in schema:
        wider = {**schema, "type": [schema["type"], "null"]}
        if "enum" in schema:
            wider["enum"] = [*schema["enum"], None]
        return wider
    outer = {key: schema[key] for key in ("description", "default") if key in schema}
    inner = {key: value for key, value in schema.items() if key not in outer}
    return {"anyOf": [inner, {"type": "null"}], **outer}


def basic(word):
    """`string(1..255)`, `a|b|c`, `only|`, or the name of a schema; each of them with `|null`."""
    if word.endswith("|null"):
        return with_null(basic(word.removesuffix("|null")))
    known = BASIC.fullmatch(word)
    if not known:
        if "|" in word:
            return {"type": "string", "enum": [each for each in word.split("|") if each]}
        return {"$ref": f"#/components/schemas/{word}"}
    kind, least, most = known.groups()
    schema = {} if kind == "any" else {"type": kind}
    for name, value in zip(LIMITS.get(kind, ()), (least, most)):
        if value:
            schema[name] = int(value)
    if kind == "integer":
        schema["format"] = "int64"
    return schema


def line(text):
    """`TYPE [= default] [-- description]`"""
    rest, _, description = text.partition(" -- ")
    rest, _, default = rest.partition(" = ")
    schema = basic(rest)
    if default:
        schema["default"] = yaml.safe_load(default)
    if description:
        schema["description"] = description
    return schema


def record(fields, mark, is_input):
    """An object of exactly these fields. The mark behind a name says that it is the other way."""
    properties, required = {}, []
    for name, given in fields.items():
        is_marked = name.endswith(mark)
        name = name.removesuffix(mark)
        schema = expand(given)
        if is_marked == is_input:
            required.append(name)
        elif is_input:
            schema = with_null(schema)
        properties[name] = schema
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        made["required"] = required
    return made


def expand(given):
    if isinstance(given, str):
        return line(given)
    if isinstance(given, list):
        (item,) = given
        return {"type": "array", "items": expand(item)}
    schema = {}
    for key, value in given.items():
        if value is None:  # a text with a comma between braces was cut in two
            raise ValueError(f"'{key}' says nothing in {given}")
        if key == "fields":
            schema.update(record(value, "~", False))
        elif key == "takes":
            schema.update(record(value, "!", True))
        elif key in ("anyOf", "oneOf", "allOf"):
            schema[key] = [expand(each) for each in value]
        elif key in ("items", "additionalProperties") and not isinstance(value, bool):
            schema[key] = expand(value)
        elif key == "properties":
            schema[key] = {name: expand(each) for name, each in value.items()}
        else:
            schema[key] = value
    return schema


def stream(events):
    """Of one event of a stream, its data read as JSON."""
    return {"description": "One event; its data is JSON.",
            "anyOf": [record({"id~": "string", "event": f"{name}|", "data": given}, "~", False)
                      for name, given in events.items()]}


# -- operations ------------------------------------------------------------------------------------

def parameter(place, name, given):
    is_required = name.endswith("!") or place == "path"
    schema = expand(given)
    made = {"name": name.removesuffix("!"), "in": place}
    if "description" in schema:
        made["description"] = schema.pop("description")
    if is_required:
        made["required"] = True
    return {**made, "schema": schema}


def security(needs):
    needs = needs.removesuffix(" of the operator")
    if needs == "anyone":
        return []
    if needs == "any token":
        return [{"bearer": []}]
    if needs.startswith("worker"):
        return [{"bearer": ["worker:{queue}"]}]
    return [{"bearer": [scope]} for scope in needs.split(" or ")]


class Joiner:
    def __init__(self, folder):
        self.folder = folder
        self.whole = self.load("document")
        self.published = {}
        whole = self.whole
        self.document = {
            "openapi": "3.1.0",
            "info": {**whole["info"], "version": "0"},
            "servers": whole["servers"],
            "tags": [],
            "paths": {},
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer",
                                               "description": whole["scopes"]}},
                "headers": {name: self.header(given) for name, given in whole["headers"].items()},
                "responses": {"NotModified": {"description": "It is what the client has already.",
                                              "headers": self.headers(["ETag"])}} | {
                              f"Problem{status}": self.problem(status, about)
                              for status, about in whole["problems"].items()},
                "schemas": {},
            },
        }

    def load(self, name):
        return yaml.safe_load((self.folder / f"{name}.yaml").read_text(encoding="utf-8"))

    @staticmethod
    def header(given):
        schema = expand(given)
        description = schema.pop("description", None)
        return {**({"description": description} if description else {}), "schema": schema}

    def headers(self, names):
        return {name: {"$ref": f"#/components/headers/{name}"}
                for name in ["X-Request-Id", *names]}

    def problem(self, status, about):
        return {"description": about,
                "headers": self.headers(self.whole["required_headers"].get(status, [])),
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}

    def add_subject(self, part):
        schemas = self.document["components"]["schemas"]
        for name, given in part.get("schemas", {}).items():
            if name in schemas:
                raise ValueError(f"there are two schemas called {name}")
            schemas[name] = expand(given)
        self.published.update(part.get("published", {}))
        if "tag" not in part:
            return
        self.document["tags"].append({"name": part["tag"], "description": part["about"]})
        for route, given in part["operations"].items():
            method, path = route.split(" ")
            methods = self.document["paths"].setdefault(path, {})
            methods[method.lower()] = self.operation(part, route, given)

    def operation(self, part, route, given):
        path = route.split(" ")[1]
        made = {"operationId": given["id"], "tags": [part["tag"]], "summary": given["summary"]}
        if "about" in given:
            made["description"] = given["about"]
        made["x-required-scope"] = given["needs"]
        made["security"] = security(given["needs"])
        method = route.split(" ")[0]
        takes_key = given.get("key", method == "POST")
        has_tag = given.get("tag", False) and method == "GET"
        headers = [*given.get("headers", []), *(["Idempotency-Key"] if takes_key else []),
                   *(["If-None-Match"] if has_tag else []),
                   *(["If-Match"] if given.get("if_match") else [])]
        names = re.findall(r"\{([^}]+)\}", path)
        parameters = [parameter("path", name, part["path"][name]) for name in names]
        parameters += [parameter("query", *each) for each in given.get("query", {}).items()]
        parameters += [parameter("header", name,
                                 self.whole["parameters"][name.removesuffix("!")])
                       for name in headers]
        if parameters:
            made["parameters"] = parameters
        if "body" in given:
            made["requestBody"] = self.body(given["body"], given.get("example"))
        untested = [*given.get("untested", {})]
        made["responses"] = self.answers(given, bool(names))
        if takes_key:
            untested += self.add_key(made["responses"])
        if has_tag:
            made["responses"]["200"]["headers"].update(self.headers(["ETag"]))
            made["responses"]["304"] = {"$ref": "#/components/responses/NotModified"}
        if given.get("if_match"):
            made["responses"]["412"] = {"$ref": "#/components/responses/Problem412"}
        made["responses"] = dict(sorted(made["responses"].items()))
        if untested:
            made["x-untested"] = sorted(untested)
        return made

    def add_key(self, answers):
        """What an Idempotency-Key brings; the answers among it that no test can bring about."""
        for status, answer in answers.items():
            if status < "300":
                answer["headers"].update(self.headers(["Idempotency-Replayed"]))
        answers.setdefault("422", {"$ref": "#/components/responses/Problem422"})
        if "409" in answers:
            return []
        answers["409"] = {"$ref": "#/components/responses/Problem409"}
        return [409]

    @staticmethod
    def body(given, example):
        is_optional = isinstance(given, str) and given.endswith("?")
        kinds = given if isinstance(given, dict) else {JSON: given.removesuffix("?")}
        content = {kind: {"schema": expand(schema)} for kind, schema in kinds.items()}
        if example is not None and JSON in content:
            content[JSON]["example"] = example
        return {"required": not is_optional, "content": content}

    def answers(self, given, has_path):
        made = {str(status): self.answer(each) for status, each in given["answers"].items()}
        shared = [400, 403, 503]
        if given["needs"] != "anyone":
            shared += [401, 429]
        if has_path:
            shared.append(404)
        if "body" in given:
            shared += [413, 415]
        if "body" in given or given.get("query") or given.get("strict"):
            shared.append(422)
        for status in shared:
            made.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
        for status, about in {**given.get("problems", {}), **given.get("untested", {})}.items():
            made[str(status)] = self.problem(status, about)
        return made

    def answer(self, given):
        if isinstance(given, str) and " " in given:  # nothing but words: no body
            return {"description": given, "headers": self.headers([])}
        if isinstance(given, str):
            given = {"is": given}
        made = {"description": given.get("about", "Done."),
                "headers": self.headers(given.get("headers", []))}
        if "events" in given:
            made["content"] = {"text/event-stream": {"schema": stream(given["events"])}}
            return made
        kinds = given["is"] if isinstance(given["is"], dict) else {JSON: given["is"]}
        made["content"] = {kind: {"schema": expand(schema)} for kind, schema in kinds.items()}
        return made

    def join(self, version):
        self.document["info"]["version"] = version
        self.add_subject(self.load("types"))
        for name in self.whole["subjects"]:
            self.add_subject(self.load(name))
        for name, example in self.load("examples")["examples"].items():
            self.document["components"]["schemas"][name]["examples"] = [example]
        return self.document

    # -- the schemas that are served one by one ----------------------------------------------------

    def alone(self, name):
        """A schema that needs none of the others but those that are published, too."""
        links = {f"#/components/schemas/{component}": f"{file}.json"
                 for file, component in self.published.items()}
        schemas = self.document["components"]["schemas"]

        def resolve(node):
            if isinstance(node, list):
                return [resolve(each) for each in node]
            if not isinstance(node, dict):
                return node
            target = node.get("$ref")
            if target in links:
                return {"$ref": links[target]}
            if target:
                rest = {key: value for key, value in node.items() if key != "$ref"}
                return {**resolve(schemas[target.rsplit("/", 1)[1]]), **rest}
            return {key: resolve(value) for key, value in node.items()}

        return {"$schema": DIALECT, "title": name, **resolve(schemas[self.published[name]])}


# -- C++ -------------------------------------------------------------------------------------------

def literal(data):
    """The bytes as a string literal, a line for each 64 of them."""
    lines = (data[at:at + 64] for at in range(0, len(data), 64))
    return "\n".join('    "' + "".join(f"\\{byte:03o}" for byte in each) + '"' for each in lines)


def assets(files):
    """The source of http/assets.hpp. Texts are kept as they are and packed."""
    out = ['#include "http/assets.hpp"', "", "namespace carillon::http {", "namespace {", "",
           "using namespace std::literals;", "", "constexpr asset all[] = {"]
    for path, kind, text in files:
        data = text.encode()
        out += [f'{{"{path}", "{kind}",', literal(data) + "sv,",
                literal(gzip.compress(data, 9, mtime=0)) + "sv},"]
    out += ["};", "", "}  // namespace", "",
            "std::span<const asset> assets() {", "  return all;", "}", "",
            "}  // namespace carillon::http", ""]
    return "\n".join(out)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("parts", type=pathlib.Path)
    options.add_argument("--document", type=pathlib.Path)
    options.add_argument("--page", type=pathlib.Path)
    options.add_argument("--assets", type=pathlib.Path)
    options.add_argument("--api-version", default="0.0.0")
    told = options.parse_args()
    joiner = Joiner(told.parts)
    document = joiner.join(told.api_version)
    if told.document:
        told.document.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n",
                                 encoding="utf-8")
    if told.assets:
        files = [("/openapi.json", JSON, json.dumps(document, separators=(",", ":"),
                                                    ensure_ascii=False))]
        files += [(f"/schemas/{name}.json", "application/schema+json",
                   json.dumps(joiner.alone(name), indent=2, ensure_ascii=False))
                  for name in joiner.published]
        for path, name, kind in (("/docs", "page.html", "text/html; charset=utf-8"),
                                 ("/docs/page.css", "page.css", "text/css; charset=utf-8"),
                                 ("/docs/page.js", "page.js", "text/javascript; charset=utf-8")):
            files.append((path, kind, (told.page / name).read_text(encoding="utf-8")))
        told.assets.write_text(assets(files), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
