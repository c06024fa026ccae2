"""Compares resources but for their ids, and searches what a country left on its disk."""

import collections
import hashlib
import json
import re

# What the server itself says about a resource, beside its id.
META = {"versionId", "lastUpdated"}
# What a hospital's gateway adds of its own.
OWN = {"Provenance", "AuditEvent", "Consent"}
LINK = re.compile(r"urn:uuid:[0-9a-fA-F-]{36}|[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")


def number(text):
    """A decimal as it is written."""
    return f"decimal {text}"


def _text(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _bare(resource):
    """Without its id and what the server says about it."""
    copy = {key: value for key, value in resource.items() if key not in ("id", "meta")}
    meta = {key: value for key, value in resource.get("meta", {}).items() if key not in META}
    return _text({**copy, "meta": meta} if meta else copy)


def _shapes(resources, names):
    """Each resource as text in which every link to another one stands as what that one is.

    `names`: link -> resource. First with all links alike, then with each named by its target's first shape: a link that
    leads to another resource than before makes another text.
    """
    first = {id(resource): LINK.sub(lambda link: "LINK" if link[0] in names else link[0], _bare(resource))
             for resource in resources}
    marks = {link: hashlib.sha256(first[id(resource)].encode()).hexdigest()[:24] for link, resource in names.items()}
    return collections.Counter(LINK.sub(lambda link: marks.get(link[0], link[0]), _bare(one)) for one in resources)


def same(bundle, read, name):
    """Fails unless the bundle's resources and those that were read are the same multiset, links included, but for ids."""
    sent = [entry["resource"] for entry in bundle["entry"]]
    mine = [resource for resource in read if resource["resourceType"] not in OWN]
    assert not any(resource["resourceType"] in OWN for resource in sent), name
    a = _shapes(sent, {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]})
    b = _shapes(mine, {f"{one['resourceType']}/{one['id']}": one for one in mine})
    if a != b:
        missing, more = list((a - b).elements()), list((b - a).elements())
        raise AssertionError(
            f"{name}: {len(missing)} missing, {len(more)} too many\n{missing[:1]}\n{more[:1]}"[:4000])


def canaries(resources):
    """What must be found nowhere outside the two hospitals: numbers, names, addresses of the patient."""
    found = []
    for resource in resources:
        if resource["resourceType"] != "Patient":
            continue
        found += [identifier["value"] for identifier in resource.get("identifier", [])]
        for name in resource.get("name", []):
            found.append(name.get("family", ""))
        for address in resource.get("address", []):
            found += address.get("line", [])
        found += [resource["id"], *(contact.get("value", "") for contact in resource.get("telecom", []))]
    return [word.encode() for word in set(found) if len(word) >= 6]


def _hits(home, words):
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "residents.csv"]
    found, size = [], 0
    for path in files:
        content = path.read_bytes()
        size += len(content)
        if any(word in content for word in words):
            found.append(str(path.relative_to(home)))
    return files, size, found


def search(home, words):
    """Searches every file that the country left, logs included: nothing of a patient stands anywhere in the clear."""
    assert words
    files, size, found = _hits(home, words)
    assert len(files) > 50
    if found:
        raise AssertionError(f"numbers or names of a patient stand in {found}")
    # The same search finds what is there.
    planted = home / "planted"
    planted.write_bytes(b"\0" * 100 + words[-1] + b"\0")
    assert _hits(home, words)[2] == ["planted"]
    planted.unlink()
    print(f"ok   {len(words)} numbers, names and addresses: in none of {len(files)} files ({size >> 20} MiB)")
