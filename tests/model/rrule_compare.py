#!/usr/bin/env python3
"""Our recurrence engine against two that thousands use: python-dateutil, asked here, and rrule.js, whose
answers are in rrule_js_fixture.jsonl (made by make_rrule_fixture.mjs).

Rules are random but repeatable (--seed). Where both are known to be wrong (rrule.js is a port of dateutil), or read
RFC 5545 in another way than we, the functions from `unlike` on say so; nothing else is left out. The weeks left out
there are compared with those of Python's own calendar.
"""
import argparse
import collections
import datetime
import heapq
import itertools
import json
import random
import signal
import subprocess
import sys
from pathlib import Path

from dateutil import rrule

FORMAT = "%Y%m%dT%H%M%S"
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
MOMENTS = 12
PATIENCE = 0.05  # Seconds a rule: dateutil looks for what never comes up to the year 9999, day by day.


# -- rules --------------------------------------------------------------------

def some(rng, values, most):
    return sorted(rng.sample(values, min(rng.randint(1, most), len(values))))


def either_end(last, most):
    """Numbers 1..most, or as often -most..-1; seldom up to `last`."""
    def choose(rng):
        top = last if rng.random() < 0.3 else most
        return sorted({rng.choice([1, 1, -1]) * rng.randint(1, top) for _ in range(rng.randint(1, 4))})
    return choose


def random_days(rng, frequency, parts):
    days = some(rng, WEEKDAYS, 4)
    ordinals = frequency == "MONTHLY" or frequency == "YEARLY" and "BYWEEKNO" not in parts
    likely = rng.choice([0, 0.5, 1]) if ordinals else 0
    top = 53 if frequency == "YEARLY" and "BYMONTH" not in parts and rng.random() < 0.5 else 5
    return [f"{rng.choice([1, 1, -1]) * rng.randint(1, top)}{day}" if rng.random() < likely else day for day in days]


def random_parts(rng):
    frequency = rng.choice(FREQUENCIES)
    parts = {"FREQ": frequency}
    if rng.random() < 0.5:
        parts["INTERVAL"] = rng.choice([2, 3, 4, 5, 7, 10, 12, rng.randint(1, 100), rng.randint(1, 2000)])

    def maybe(name, likely, choose):
        if rng.random() < likely:
            parts[name] = choose(rng)

    maybe("BYMONTH", 0.3, lambda rng: some(rng, range(1, 13), 4))
    if frequency == "YEARLY":
        maybe("BYWEEKNO", 0.35, either_end(53, 53))
    if frequency not in ("DAILY", "WEEKLY", "MONTHLY"):
        maybe("BYYEARDAY", 0.15, either_end(366, 100))
    if frequency != "WEEKLY":
        maybe("BYMONTHDAY", 0.25, either_end(31, 28))
    maybe("BYDAY", 0.4, lambda rng: random_days(rng, frequency, parts))
    maybe("BYHOUR", 0.3, lambda rng: some(rng, range(24), 6))
    maybe("BYMINUTE", 0.3, lambda rng: some(rng, range(60), 6))
    maybe("BYSECOND", 0.2, lambda rng: some(rng, range(60), 4))
    if any(name.startswith("BY") for name in parts):
        maybe("BYSETPOS", 0.25, either_end(366, 4))
    maybe("WKST", 0.3, lambda rng: rng.choice(WEEKDAYS))
    return parts


def random_start(rng):
    start = datetime.datetime(1990, 1, 1) + datetime.timedelta(days=rng.randrange(365 * 45))
    return start + datetime.timedelta(seconds=rng.choice([0, 9 * 3600, rng.randrange(86400)]))


def text_of(parts):
    return ";".join(f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
                    for name, value in parts.items())


def with_end(rng, parts, start):
    if rng.random() < 0.2:
        return {**parts, "COUNT": rng.randint(1, MOMENTS)}
    if rng.random() < 0.1:
        return {**parts, "UNTIL": (start + datetime.timedelta(days=rng.randint(400, 4000))).strftime(FORMAT)}
    return parts


# -- where references differ, and why -----------------------------------------

def days_of(parts):
    """The days without a number, and those with one."""
    days = parts.get("BYDAY", [])
    return [day for day in days if len(day) == 2], [day for day in days if len(day) > 2]


def unlike(parts):
    """Why a rule cannot be compared; None when it can be."""
    if all(days_of(parts)) and {"BYSETPOS", "COUNT"} & parts.keys():
        return "BYDAY=MO,1FR: they want a day to be both, RFC 5545 says either; no two rules stand for it here"
    if parts["FREQ"] == "WEEKLY" and {"BYSETPOS", "COUNT"} <= parts.keys():
        return "COUNT: the first week of which comparable_from() tells is counted in another way"
    if "BYWEEKNO" in parts:
        if parts.get("INTERVAL", 1) > 1 or "BYSETPOS" in parts:
            return "BYWEEKNO: they cut the week over January 1 in two, ours belongs to one year whole"
        if {52, 53, -52, -53} & set(parts["BYWEEKNO"]):
            return "BYWEEKNO=52 and 53: they count last year's weeks by the length of this year"
    return None


def unlike_rrule_js(parts):
    """The same, for what rrule.js alone gets wrong."""
    if min(parts.get("BYSETPOS", [1])) < -1:
        return "BYSETPOS before the first of a set: its buildPoslist takes the first"
    clock = {"MINUTELY": {"BYHOUR"}, "SECONDLY": {"BYHOUR", "BYMINUTE"}}.get(parts["FREQ"], set())
    large_steps = {"INTERVAL", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYDAY"} & parts.keys()
    if clock & parts.keys() and large_steps:
        return "BYHOUR, BYMINUTE: its addMinutes and addSeconds repeat a carry of many hours whole and leave the interval"
    return unlike(parts)


def for_reference(parts, start):
    """The rules that together say to them what `parts` says in RFC 5545."""
    if all(days_of(parts)):  # They want a day to be both.
        return [{**parts, "BYDAY": days} for days in days_of(parts)]
    if "BYWEEKNO" in parts and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY"} & parts.keys():
        # All seven days to them; RFC 5545 takes what a rule leaves open from DTSTART: its weekday.
        return [{**parts, "BYDAY": [WEEKDAYS[start.weekday()]]}]
    return [parts]


def comparable_from(parts, start):
    """They choose BYSETPOS of the first week from what is left of it, RFC 5545 from the whole: begin with the second."""
    if parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts:
        into_week = (start.weekday() - WEEKDAYS.index(parts.get("WKST", "MO"))) % 7
        return datetime.datetime.combine(start, datetime.time()) + datetime.timedelta(days=7 - into_week)
    return start


# -- asking -------------------------------------------------------------------

class OutOfPatience(Exception):
    pass


def out_of_patience(_signal, _frame):
    raise OutOfPatience


def dateutil_moments(parts, start, begin):
    """The first moments from `begin` on, and whether that is all there is to compare."""
    found = []
    try:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        try:
            rules = [rrule.rrulestr(text_of(rule), dtstart=start) for rule in for_reference(parts, start)]
            for at in heapq.merge(*rules):
                moment = at.strftime(FORMAT)
                if at >= begin and found[-1:] != [moment]:
                    found.append(moment)
                if len(found) == MOMENTS:
                    break
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except OutOfPatience:
        return found, False
    except ValueError as error:  # "Invalid rrule byxxx generates an empty set."
        if "empty" not in str(error):
            raise
    return found, True


class Case(collections.namedtuple("Case", "start rule begin expected complete")):
    def question(self):
        return f"{self.start}|{self.rule}|{self.begin}|{MOMENTS}"

    def fault(self, answer):
        refused = answer.startswith("!")
        if refused and "can never fire" not in answer:
            return answer
        got = [] if refused else answer.split()
        if not self.complete or len(self.expected) >= MOMENTS:
            got = got[:len(self.expected)]
        return None if got == self.expected else f"got      {' '.join(got) or answer}"


def comparable_rules(seed, left_out, reason_against=unlike):
    """Endless: the parts of a rule, its start, and from where on it can be compared."""
    rng = random.Random(seed)
    while True:
        start = random_start(rng)
        parts = with_end(rng, random_parts(rng), start)
        reason = reason_against(parts)
        if reason:
            left_out[reason] += 1
        else:
            yield parts, start, comparable_from(parts, start)


def dateutil_cases(seed, count, left_out):
    signal.signal(signal.SIGALRM, out_of_patience)
    for parts, start, begin in itertools.islice(comparable_rules(seed, left_out), count):
        moments, complete = dateutil_moments(parts, start, begin)
        rule = text_of(parts)
        yield Case(start.strftime(FORMAT), rule, begin.strftime(FORMAT), moments, complete)
        if len(moments) > 2:  # Once more from the middle: nothing may depend on where we begin.
            middle = len(moments) // 2
            yield Case(start.strftime(FORMAT), rule, moments[middle], moments[middle:], False)


def week_cases(seed, count):
    """BYWEEKNO with what the references get wrong, by Python's calendar: weeks begin on Monday."""
    rng = random.Random(seed)
    for _ in range(count):
        start = random_start(rng)
        weeks = {rng.choice([1, 2, 20, 51, 52, 53, -53, -52, -51, -1]) for _ in range(rng.randint(1, 3))}
        days, interval, position = some(rng, WEEKDAYS, 3), rng.randint(1, 5), rng.choice([None, 1, 2, -1])
        found = []
        for year in range(start.isocalendar().year, start.year + 150, interval):
            last = datetime.date(year, 12, 28).isocalendar().week
            dates = [datetime.datetime.combine(datetime.date.fromisocalendar(year, week, WEEKDAYS.index(day) + 1),
                                               start.time())
                     for week in range(1, last + 1) if {week, week - last - 1} & weeks
                     for day in sorted(days, key=WEEKDAYS.index)]
            if position:
                dates = dates[position - 1:][:1] if position > 0 else dates[-1:]
            found += [date.strftime(FORMAT) for date in dates if date >= start]
        parts = {"FREQ": "YEARLY", "INTERVAL": interval, "BYWEEKNO": sorted(weeks), "BYDAY": days}
        text = text_of({**parts, "BYSETPOS": position} if position else parts)
        yield Case(start.strftime(FORMAT), text, start.strftime(FORMAT), found[:MOMENTS], False)


def fixture_cases(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Case(row["start"], row["rule"], row["from"], row["moments"].split(), False)


def print_rules(seed, count):
    rules = comparable_rules(seed, collections.Counter(), unlike_rrule_js)
    for parts, start, begin in itertools.islice(rules, count):
        print(json.dumps({"start": start.strftime(FORMAT), "rule": text_of(parts), "from": begin.strftime(FORMAT),
                          "reference": [text_of(rule) for rule in for_reference(parts, start)]}))


def main():
    here = Path(__file__).resolve().parent
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--program", help="rrule_moments")
    options.add_argument("--fixture", type=Path, default=here / "rrule_js_fixture.jsonl")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=600, help="of rules that dateutil is asked for")
    options.add_argument("--rules", type=int, help="print that many rules for make_rrule_fixture.mjs instead")
    told = options.parse_args()
    if told.rules:
        return print_rules(told.seed, told.rules)

    left_out = collections.Counter()
    cases = [*dateutil_cases(told.seed, told.count, left_out), *week_cases(told.seed, told.count),
             *fixture_cases(told.fixture)]
    questions = "".join(case.question() + "\n" for case in cases)
    answers = subprocess.run([told.program], input=questions, capture_output=True, text=True, check=True)
    faults = [f"{case.question()}\n  expected {' '.join(case.expected)}\n  {fault}"
              for case, answer in zip(cases, answers.stdout.splitlines(), strict=True)
              if (fault := case.fault(answer))]
    print(f"{len(cases)} questions, {sum(bool(case.expected) for case in cases)} with moments, {len(faults)} differ")
    for reason, number in left_out.items():
        print(f"left out {number}: {reason}")
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main() or 0)
