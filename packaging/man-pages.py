#!/usr/bin/env python3
"""Man pages from the program's own account of its command line.

    sacbot --experimental-dump-help | man-pages.py FOLDER VERSION DATE

One page for the program and one for each command, so that what they say cannot differ from what
`--help` says.
"""
import json
import pathlib
import sys


def escaped(text):
    """Text as roff takes it: no control line, no escape, real hyphens."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def paragraphs(text):
    """A discussion; indented lines are examples and keep their form."""
    lines = []
    is_example = False
    for line in text.strip("\n").split("\n"):
        if line.startswith("  ") != is_example:
            is_example = not is_example
            lines.append(".RS 4\n.nf" if is_example else ".fi\n.RE")
        lines.append(escaped(line.strip()) if line.strip() else ".PP")
    if is_example:
        lines.append(".fi\n.RE")
    return lines


def shown(name):
    return ("-" if name["kind"] == "short" else "--") + name["name"]


def option(argument):
    value = argument.get("valueName", "value")
    if argument["kind"] == "positional":
        head = f"\\fI{escaped(value)}\\fR" + (" ..." if argument["isRepeating"] else "")
    else:
        names = ", ".join(f"\\fB{escaped(shown(name))}\\fR" for name in argument["names"])
        head = names + (f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else "")
    lines = [".TP", head, escaped(argument.get("abstract", "") or "See the text.")]
    if argument.get("allValues"):
        lines.append("One of " + escaped(", ".join(argument["allValues"])) + ".")
    if argument.get("defaultValue"):
        lines.append("Default: " + escaped(argument["defaultValue"]) + ".")
    return lines


def usage(command, arguments):
    words = [f".B {escaped(command)}"]
    for argument in arguments:
        if argument["kind"] == "positional":
            text = argument.get("valueName", "value") + ("..." if argument["isRepeating"] else "")
        else:
            text = shown(argument["preferredName"])
            if argument["kind"] == "option":
                text += " " + argument.get("valueName", "value")
        words.append(escaped(f"[{text}]" if argument["isOptional"] else text))
    return words


def page(command, title, version, date, others):
    name = title.replace(" ", "-")
    arguments = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    lines = [
        f'.TH "{escaped(name.upper())}" 1 "{date}" "sacbot {version}" "User Commands"',
        ".SH NAME",
        f"{escaped(name)} \\- {escaped(command.get('abstract', '').rstrip('.') or title)}",
        ".SH SYNOPSIS",
        *usage(title, arguments),
    ]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", *paragraphs(command["discussion"])]
    if arguments:
        lines.append(".SH OPTIONS")
        for argument in arguments:
            lines += option(argument)
    if others:
        lines.append(".SH COMMANDS")
        for other in others:
            lines += [
                ".TP",
                f"\\fBsacbot\\-{escaped(other['commandName'])}\\fR(1)",
                escaped(other.get("abstract", "")),
            ]
        lines += [
            ".SH FILES",
            *[".TP", "\\fI/etc/sacbot/robots\\fR", "robot files of this machine"],
            *[".TP", "\\fI/usr/share/sacbot/robots\\fR", "robot files that come with the program"],
            *[".TP", "\\fI/etc/sacbot/calibration\\fR", "what sacbot calibrate measured"],
            *[".TP", "\\fI/var/lib/sacbot\\fR", "runs and latched faults of the service"],
            *[".TP", "\\fI/run/sacbot\\fR", "control sockets of the service"],
        ]
    lines += [".SH EXIT STATUS", "0 done, 1 failed, 2 misused."]
    if not others:
        lines += [".SH SEE ALSO", "\\fBsacbot\\fR(1)"]
    return name, "\n".join(lines) + "\n"


def main():
    folder, version, date = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    root = json.load(sys.stdin)["command"]
    commands = [c for c in root.get("subcommands", []) if c["commandName"] != "help"]
    folder.mkdir(parents=True, exist_ok=True)
    pages = [page(root, "sacbot", version, date, commands)]
    for command in commands:
        pages.append(page(command, f"sacbot {command['commandName']}", version, date, []))
        for inner in command.get("subcommands", []):
            if inner["commandName"] != "help":
                title = f"sacbot {command['commandName']} {inner['commandName']}"
                pages.append(page(inner, title, version, date, []))
    for name, text in pages:
        (folder / f"{name}.1").write_text(text, encoding="utf-8")


main()
