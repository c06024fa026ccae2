"""Wraps comments of Swift files that are wider than 120 characters: wrap-comments.py FILE_OR_FOLDER ...

swift format leaves comments alone. The words that do not fit go to the front of the next line where that line continues
the same paragraph, else to a line of their own. A comment behind code moves to the line above. Tables, code in fences and
what has no space to break at stay as they are.
"""

import os
import re
import sys

WIDTH = 120
COMMENT = re.compile(r"^(\s*///?)( *)(- )?(.*)$")
TRAILING = re.compile(r'^(\s*)([^"]*?\S|[^/]*?\S)  (// .*)$')


def parts(line):
    """Marker, inner indentation, bullet and text of a line that is a comment; else None."""
    found = COMMENT.match(line)
    return found.groups(default="") if found else None


def continues(line, marker, indent):
    """Whether a line goes on with the paragraph before it."""
    found = parts(line)
    return bool(found) and found[:3] == (marker, indent, "") and found[3][:1] not in ("", "|", "`", "#")


def wrap(lines):
    out, fenced = [], False
    lines = list(lines)
    while lines:
        line = lines.pop(0)
        found = parts(line)
        if found and found[3].startswith("```"):
            fenced = not fenced
        if len(line) <= WIDTH or fenced:
            out.append(line)
            continue
        if not found:
            trailing = TRAILING.match(line)
            if trailing and len(trailing[1] + trailing[2]) <= WIDTH:
                lines[:0] = [trailing[1] + trailing[3], trailing[1] + trailing[2]]
            else:
                out.append(line)
            continue
        marker, indent, bullet, text = found
        cut = line.rfind(" ", 0, WIDTH + 1)
        if text.startswith("|") or cut < len(line) - len(text):
            out.append(line)
            continue
        head, rest = line[:cut].rstrip(), line[cut + 1 :]
        out.append(head)
        indent += "  " if bullet else ""
        if lines and continues(lines[0], marker, indent):
            lines[0] = f"{marker}{indent}{rest} {parts(lines[0])[3]}"
        else:
            lines.insert(0, f"{marker}{indent}{rest}")
    return out


def swift_files(path):
    if os.path.isfile(path):
        yield path
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".swift"))


for argument in sys.argv[1:]:
    for name in swift_files(argument):
        with open(name, encoding="utf-8") as file:
            before = file.read()
        after = "\n".join(wrap(before.split("\n")))
        if after != before:
            with open(name, "w", encoding="utf-8") as file:
                file.write(after)
            print(f"format: comments of {name} wrapped")
