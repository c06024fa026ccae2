"""Where two files of vectors differ, by path: vectors-diff.py OLD NEW. At most 40 lines."""
import json
import sys


def differences(old, new, path):
    if type(old) is not type(new):
        yield path, "another type"
    elif isinstance(old, dict):
        for key in sorted(old.keys() | new.keys()):
            if key not in old or key not in new:
                yield f"{path}.{key}", "only in the " + ("new" if key in new else "old")
            else:
                yield from differences(old[key], new[key], f"{path}.{key}")
    elif isinstance(old, list):
        if len(old) != len(new):
            yield path, f"{len(old)} entries, now {len(new)}"
        for index, (a, b) in enumerate(zip(old, new)):
            yield from differences(a, b, f"{path}[{index}]")
    elif old != new:
        yield path, f"{str(old)[:24]} .. now {str(new)[:24]}"


old, new = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:3])
found = list(differences(old, new, ""))
for path, what in found[:40]:
    print(f"{path.lstrip('.')}: {what}")
print(f"{len(found)} differences" if found else "the same values, written in another form")
