#!/usr/bin/env python3
"""Writes Page.generated.swift from the page's files beside it; a test checks that it is done."""
import pathlib

folder = pathlib.Path(__file__).parent
FILES = [
    ("html", "index.html"), ("style", "dashboard.css"), ("script", "dashboard.js"),
    ("charts", "charts.js"), ("stream", "stream.js"), ("episodes", "episodes.js"),
    ("icon", "icon.svg"),
]


def literal(text):
    fence = "#"
    while '"""' + fence in text or "\\" + fence in text:
        fence += "#"
    return f'{fence}"""\n{text.rstrip(chr(10))}\n\n"""{fence}'


lines = ["// swift-format-ignore-file", "// Made by make-page.py from the files beside it; do not edit.", "", "enum PageText {"]
for name, file in FILES:
    text = (folder / file).read_text()
    lines += [f"    static let {name} = {literal(text)}", ""]
lines[-1] = "}"
(folder / "Page.generated.swift").write_text("\n".join(lines) + "\n")
