"""Reads a report's page as a browser would and compares what it says with its sources.

    judge_report.py PAGE [--run FOLDER]... [--evaluation FILE]... [--scripted]

The sources are read here, not by sacbot: episodes from a run's SQLite file, figures from what
`sacbot evaluate --json` wrote; Wilson's intervals and moving means are computed here. `--scripted`
says that PAGE is what a browser made of the page after its script ran. Prints how many values were
compared and what differs; exit code 1 if anything does. Needs Python's standard library only.
"""

import argparse
import base64
import csv
import io
import json
import math
import re
import sqlite3
import sys
import urllib.parse
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "input", "link"}


class Node:
    def __init__(self, name, attributes, parent):
        self.name, self.attributes, self.parent = name, dict(attributes), parent
        self.children, self.text = [], ""

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def all_text(self):
        return self.text + "".join(child.all_text() for child in self.children)

    def has_class(self, word):
        return word in (self.attributes.get("class") or "").split()


class Page(HTMLParser):
    """A tree of nodes; every element that is not void or self-closed has to be closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = self.open = Node("document", [], None)
        self.problems = []
        self.feed(text)
        self.close()
        if self.open is not self.root:
            self.problems.append(f"<{self.open.name}> is never closed")

    def handle_starttag(self, name, attributes):
        node = Node(name, attributes, self.open)
        self.open.children.append(node)
        if name not in VOID:
            self.open = node

    def handle_startendtag(self, name, attributes):
        self.open.children.append(Node(name, attributes, self.open))

    def handle_endtag(self, name):
        if self.open.name != name:
            self.problems.append(f"</{name}> closes <{self.open.name}> (line {self.getpos()[0]})")
            return
        self.open = self.open.parent

    def handle_data(self, data):
        self.open.text += data

    def find(self, test):
        return [node for node in self.root.walk() if test(node)]

    def by_id(self, name):
        found = self.find(lambda node: node.attributes.get("id") == name)
        return found[0] if found else None

    def table(self, name):
        """A table's rows: key of the column -> (value, low, high)."""
        table = self.by_id(name)
        if table is None:
            return None
        keys = [n.attributes["data-key"] for n in table.walk() if "data-key" in n.attributes]
        body = next(n for n in table.walk() if n.name == "tbody")
        rows = []
        for row in (n for n in body.children if n.name == "tr"):
            cells = [n for n in row.children if n.name in ("td", "th")]
            rows.append(
                {
                    key: tuple(
                        cell.attributes.get(part, cell.all_text() if part == "data-value" else None)
                        for part in ("data-value", "data-low", "data-high")
                    )
                    for key, cell in zip(keys, cells)
                }
            )
        return rows

    def curve(self, chart, line):
        """The points of a line as the picture has them, and the height of its axis."""
        svg = self.by_id(chart)
        hit = next(n for n in svg.walk() if n.has_class("hit"))
        x0, x1 = map(float, hit.attributes["data-x"].split())
        y0, y1 = map(float, hit.attributes["data-y"].split())
        path = next(
            n for n in svg.walk() if n.has_class("line") and n.attributes["data-name"] == line
        )
        points = []
        for piece in path.attributes["d"].split("M")[1:]:
            numbers = [int(n) for n in re.findall(r"-?\d+", piece)]
            x = y = 0
            for dx, dy in zip(numbers[::2], numbers[1::2]):
                x, y = x + dx, y + dy
                points.append((x0 + x / 10000 * (x1 - x0), y1 - y / 10000 * (y1 - y0)))
        return points, y1 - y0

    def download(self, name):
        links = self.find(lambda n: n.name == "a" and n.attributes.get("download") == name)
        if not links:
            return None
        head, _, body = links[0].attributes["href"].partition(",")
        if head.endswith(";base64"):
            return base64.b64decode(body).decode()
        return urllib.parse.unquote(body)


class Judge:
    def __init__(self, page, scripted):
        self.page, self.scripted = page, scripted
        self.compared, self.problems = 0, list(page.problems)

    def same(self, what, found, wanted, tolerance=1e-9):
        self.compared += 1
        if wanted is None or isinstance(wanted, str):
            if (found or None) != (wanted or None):
                self.problems.append(f"{what}: the page has {found!r}, its source {wanted!r}")
            return
        try:
            found = float(found)
        except (TypeError, ValueError):
            self.problems.append(f"{what}: the page has {found!r}, its source {wanted!r}")
            return
        if math.isnan(wanted):
            ok = math.isnan(found)
        else:
            ok = abs(found - wanted) <= tolerance * max(1, abs(wanted))
        if not ok:
            self.problems.append(f"{what}: the page has {found!r}, its source {wanted!r}")

    def demand(self, what, is_so):
        self.compared += 1
        if not is_so:
            self.problems.append(what)

    # What every page has to be.

    def form(self):
        nodes = list(self.page.root.walk())
        ids = [n.attributes["id"] for n in nodes if "id" in n.attributes]
        self.demand(f"ids used twice: {sorted({i for i in ids if ids.count(i) > 1})}",
                    len(ids) == len(set(ids)))
        known = set(ids)
        for node in nodes:
            for key in ("aria-labelledby", "aria-describedby"):
                for name in (node.attributes.get(key) or "").split():
                    self.demand(f"{key} names {name}, which is not there", name in known)
            for key in ("src", "href", "xlink:href"):
                where = node.attributes.get(key) or ""
                self.demand(
                    f"<{node.name} {key}> leaves the page: {where[:60]}",
                    not where or where.startswith(("#", "data:")),
                )
            if node.name == "img":
                self.demand("a picture has no words", bool(node.attributes.get("alt")))
            if node.name == "style":
                self.demand("a style sheet loads something", "@import" not in node.text
                            and not re.search(r"url\((?!#)", node.text))
            if node.name == "svg" and node.has_class("chart"):
                self.chart_words(node)
        headings = [n.name for n in nodes if re.fullmatch("h[1-6]", n.name)]
        self.demand("the page has one h1", headings.count("h1") == 1)
        for name in (n.attributes["href"][1:] for n in nodes
                     if n.name == "a" and n.attributes.get("href", "").startswith("#")):
            self.demand(f"a link names {name}, which is not there", name in known)

    def chart_words(self, node):
        own = {child.name: child.all_text() for child in node.children}
        if self.scripted:
            self.demand("a chart has no name", bool(node.attributes.get("aria-label")))
        else:
            self.demand("a chart has no title", bool(own.get("title")))
        self.demand(f"chart {node.attributes.get('id')} has no description", bool(own.get("desc")))

    # Sources.

    def evaluation(self, path):
        with open(path) as file:
            source = json.load(file)
        if source.get("format") == "sacbot.evaluation":
            return self.interfered(source)
        rows = self.page.table("plain") or []
        for plain in [source] + (source.get("random") or []):
            mine = [r for r in rows if r["episodes"][0] == str(plain["episodes"])
                    and abs(float(r["return_mean"][0]) - float(plain["return_mean"])) < 1e-9]
            self.demand(f"no row with a mean return of {plain['return_mean']}", bool(mine))
            if not mine:
                continue
            row = mine[0]
            for key in ("success_held", "success_final"):
                n, k = plain["episodes"], round(plain[key] * plain["episodes"])
                low, high = wilson(k, n)
                for part, wanted in zip(row[key], (plain[key], low, high)):
                    self.same(key, part, wanted, 1e-6)
            for key in ("return_deviation", "limited_fraction", "aborted"):
                self.same(key, row[key][0], plain[key])
        bars = self.page.find(lambda n: n.has_class("bar"))
        held = [b for b in bars if b.attributes["data-group"] == "held to the end"]
        self.demand("a bar a policy", len(held) >= 1 + len(source.get("random") or []))
        self.demand(
            f"no bar of {source['success_held']}",
            any(abs(float(b.attributes["data-value"]) - source["success_held"]) < 1e-9
                for b in held),
        )

    def interfered(self, source):
        names = policy_names([policy["name"] for policy in source["policies"]])
        rows = [row for number in range(20) for row in self.page.table(f"kinds-{number}") or []]
        bars = self.page.find(lambda n: n.has_class("bar"))
        whole = csv_rows(self.page.download("success.csv"))
        for result in source["results"]:
            policy, kind = names[result["policy"]], result["kind"]
            what = f"{policy} under {kind}"
            mine = [r for r in rows if r["kind"][0] == kind and r["policy"][0] == policy
                    and abs(float(r["success"][0]) - result["success"]["value"]) < 1e-9]
            self.demand(f"{what} has no row", bool(mine))
            if not mine:
                continue
            for key in ("success", "score", "interventions", "peak_current", "worst_deviation",
                        "recovery_seconds"):
                wanted = result.get(key) or {}
                for part, name in zip(mine[0][key], ("value", "low", "high")):
                    self.same(f"{what}, {key}, {name}", part, wanted.get(name))
            for key in ("episodes", "aborted", "fallen", "recovered"):
                self.same(f"{what}, {key}", mine[0][key][0], result[key])
            own = [b for b in bars if b.attributes["data-name"] == policy
                   and b.attributes["data-group"].split(":")[0]
                   == ("without interference" if kind == "none" else kind)
                   and abs(float(b.attributes["data-value"]) - result["success"]["value"]) < 1e-9]
            self.demand(f"{what} has no bar", bool(own))
            if own:
                self.same(what, own[0].attributes["data-low"], result["success"]["low"])
                self.same(what, own[0].attributes["data-high"], result["success"]["high"])
            self.demand(f"{what} is not in success.csv",
                        any(r["policy"] == policy and r["kind"] == kind for r in whole))
        episodes = csv_rows(self.page.download("episodes.csv"))
        self.demand("episodes.csv has every episode", len(episodes) >= len(source["episodes"]))
        for found, wanted in zip(episodes, source["episodes"]) if len(episodes) == len(
            source["episodes"]
        ) else []:
            self.same("return of an episode", found["return"], wanted["total_reward"])
            self.same("success of an episode", found["succeeded"], float(wanted["succeeded"]))
        self.rollouts(source, names)

    def rollouts(self, source, names):
        """Every rollout that the page shows, sample by sample; shaded where it was interfered."""
        samples = csv_rows(self.page.download("rollouts.csv"))
        shown = 0
        for rollout in source["rollouts"]:
            key = (names[rollout["policy"]], rollout["kind"], str(rollout["episode"]))
            mine = [r for r in samples if (r["policy"], r["kind"], r["episode"]) == key]
            if not mine:
                continue
            shown += 1
            self.same("samples of a rollout", len(mine), len(rollout["time"]))
            for row, time, active, error in zip(
                mine, rollout["time"], rollout["active"], rollout["error"]
            ):
                self.same("time", row["time"], time, 1e-4)
                self.same(f"interfered at {time} of {key}", row["interfered"], float(active))
                self.same("error", row["error"], error, 1e-4)
        self.demand("no rollout is shown", shown > 0 or not source["rollouts"])

    def run(self, folder, window=20):
        base = sqlite3.connect(f"file:{folder}/journal.sqlite?mode=ro", uri=True)
        meta = dict(base.execute("SELECT key, value FROM meta"))
        rows = base.execute(
            'SELECT first_step, steps, "return", success_held, success_final, end_kind,'
            ' limited_steps, "index" FROM episodes ORDER BY "index"'
        ).fetchall()
        facts = {}
        for row in self.page.by_id("provenance-runs").walk():
            cells = [n.all_text() for n in row.children if n.name in ("td", "th")]
            if row.name == "tr" and len(cells) > 1:
                facts[cells[0]] = cells[1:]
        for what, key in (("robot", "robot"), ("profile", "profile"), ("seed", "seed"),
                          ("robot file", "robot_hash"), ("calibration", "calibration_hash"),
                          ("sacbot", "program_version"), ("host", "host")):
            if meta.get(key):
                self.demand(f"provenance: {what} is not {meta[key]}", meta[key] in facts[what])
        safety = [r for r in self.page.table("safety-runs")
                  if r["episodes"][0] == str(len(rows))
                  and r["limited_steps"][0] == str(sum(row[6] for row in rows))]
        self.demand("no row of what safety did in this run", len(safety) >= 1)
        if safety:
            self.same("aborted", safety[0]["aborted"][0], sum(r[5] == "aborted" for r in rows))
        whole = [row for row in rows if row[5] != "aborted"]
        if whole:
            self.learning(whole, window, len(facts["folder"]) == 1)

    def learning(self, whole, window, is_only):
        wanted = []
        for index in range(len(whole)):
            recent = whole[max(0, index + 1 - window):index + 1]
            held = sum(row[3] for row in recent)
            step = whole[index][0] + max(whole[index][1], 1) - 1
            mean = sum(row[2] for row in recent) / len(recent)
            wanted.append((step, held / len(recent), *wilson(held, len(recent)), mean))
        table = csv_rows(self.page.download("learning.csv"))
        by_step = {}
        for row in table:
            by_step.setdefault(float(row["step"]), []).append(row)
        last = by_step.get(wanted[-1][0])
        self.demand("learning.csv ends where the run does", bool(last))
        if not is_only:
            return
        self.demand("learning.csv has rows that the run has not", len(table) <= len(wanted))
        for step, held, low, high, mean in wanted:
            for row in by_step.get(step, []):
                self.same("held", row["success_held"], held)
                self.same("held, low", row["success_held_low"], low, 1e-6)
                self.same("held, high", row["success_held_high"], high, 1e-6)
                self.same("mean return", row["mean_return"], mean)
        for chart, line, column in (("learning-held", "held to the end", 1),
                                    ("learning-return", None, 4)):
            if line is None:
                svg = self.page.by_id(chart)
                line = next(n for n in svg.walk() if n.has_class("line")).attributes["data-name"]
            points, height = self.page.curve(chart, line)
            values = [row[column] for row in wanted]
            drawn = [point[1] for point in points]
            self.same(f"{chart}, last", drawn[-1], values[-1], 2e-4 * max(1, height))
            self.same(f"{chart}, highest", max(drawn), max(values), 2e-4 * max(1, height))
            self.same(f"{chart}, lowest", min(drawn), min(values), 2e-4 * max(1, height))
            if len(points) == len(wanted):
                for drawn_value, value in zip(drawn, values):
                    self.same(chart, drawn_value, value, 2e-4 * max(1, height))


def policy_names(names):
    """As the page names policies: without the times of their runs if that leaves them different."""
    whole = [shortened(name) for name in names]
    brief = [re.sub(r"^([^/]+)/[0-9-]+$", r"\1", name) for name in whole]
    return brief if len(set(brief)) == len(brief) else whole


def shortened(name):
    parts = [part for part in name.split("/") if part]
    if parts[-1] == "policy.safetensors":
        parts.pop()
    return "/".join(parts[-2:])


def wilson(successes, count):
    if count == 0:
        return 0.0, 1.0
    z, p = 1.959963984540054, successes / count
    centre = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return max(0.0, centre - half), min(1.0, centre + half)


def csv_rows(text):
    return list(csv.DictReader(io.StringIO(text))) if text else []


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("page")
    arguments.add_argument("--run", action="append", default=[])
    arguments.add_argument("--evaluation", action="append", default=[])
    arguments.add_argument("--scripted", action="store_true")
    options = arguments.parse_args()
    with open(options.page, encoding="utf-8") as file:
        judge = Judge(Page(file.read()), options.scripted)
    judge.form()
    for path in options.evaluation:
        judge.evaluation(path)
    for folder in options.run:
        judge.run(folder)
    for problem in judge.problems[:40]:
        print(problem)
    print(f"{judge.compared} compared, {len(judge.problems)} problems")
    sys.exit(1 if judge.problems else 0)


main()
