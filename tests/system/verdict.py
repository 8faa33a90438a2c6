"""What the checker found, in the words of Jepsen's queue checker and a few of ours."""

import dataclasses

# Any entry in one of these fails the run.
FAILING = ("lost", "ghost", "duplicated", "undone", "early", "wrong")
SHOWN_MAX = 20


@dataclasses.dataclass
class Verdict:
    acked: int = 0  # creates answered 2xx
    recovered: int = 0  # creates without an answer that are there
    refused: int = 0  # creates answered 4xx
    lost: list = dataclasses.field(default_factory=list)
    ghost: list = dataclasses.field(default_factory=list)
    duplicated_allowed: list = dataclasses.field(default_factory=list)
    duplicated: list = dataclasses.field(default_factory=list)
    undone: list = dataclasses.field(default_factory=list)
    early: list = dataclasses.field(default_factory=list)
    wrong: list = dataclasses.field(default_factory=list)  # other broken invariants
    late: list = dataclasses.field(default_factory=list)  # seconds, of undisturbed webhooks

    @property
    def failed(self):
        return any(getattr(self, name) for name in FAILING)

    def report(self):
        lines = [f"acked {self.acked}, recovered {self.recovered}, refused {self.refused}"]
        for name in ("lost", "ghost", "duplicated", "undone", "early", "wrong",
                     "duplicated_allowed"):
            entries = getattr(self, name)
            lines.append(f"{name.replace('_', ' ')}: {len(entries)}")
            if name in FAILING:
                lines += [f"  {entry}" for entry in entries[:SHOWN_MAX]]
        lines.append(f"late: {self._lateness()}")
        lines.append("FAILED" if self.failed else "passed")
        return "\n".join(lines)

    def _lateness(self):
        if not self.late:
            return "nothing measured"
        ordered = sorted(self.late)
        at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000
        return (f"p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, max {ordered[-1] * 1000:.1f} ms "
                f"({len(ordered)} webhooks)")
