"""Checks BagIt 1.0 bags against RFC 8493, with nothing of the program's own.

    bagcheck.py FOLDER|ZIP...

A zip is unpacked by Python's zipfile first; it must hold one folder. For each
bag one line is printed: its path, a tab, and "valid" or what is wrong with it.
"""

import hashlib
import os
import re
import sys
import tempfile
import unicodedata
import zipfile

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")  # 2.4


class Wrong(Exception):
    pass


def need(condition, *words):
    if not condition:
        raise Wrong(" ".join(map(str, words)))


def files_below(top):
    out = []
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), top)
            out.append(path.replace(os.sep, "/"))
    return out


def declaration(top):
    """2.1.1: exactly two lines, UTF-8, no byte-order mark."""
    path = os.path.join(top, "bagit.txt")
    need(os.path.isfile(path), "no bagit.txt")
    with open(path, "rb") as f:
        raw = f.read()
    need(not raw.startswith(b"\xef\xbb\xbf"), "bagit.txt begins with a byte-order mark")
    match = re.fullmatch(
        rb"BagIt-Version: (\d+\.\d+)(?:\r\n|\n|\r)Tag-File-Character-Encoding: (\S+)(?:\r\n|\n|\r)?", raw, re.IGNORECASE
    )
    need(match, "bagit.txt is not its two lines")
    need(match[1] == b"1.0", "version", match[1])
    return match[2].decode("ascii")


def lines(top, name, encoding):
    """2.3: lines end with LF, CR or CRLF; no byte-order mark in UTF-8."""
    with open(os.path.join(top, name), "rb") as f:
        raw = f.read()
    need(not (encoding.upper() == "UTF-8" and raw.startswith(b"\xef\xbb\xbf")), name, "begins with a byte-order mark")
    try:
        text = raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as e:
        raise Wrong(name, e)
    out = re.split("\r\n|\n|\r", text)
    return out[:-1] if out[-1] == "" else out


def inside(path):
    """5.1: no path may lead out of the bag."""
    parts = path.split("/")
    return not (
        path.startswith(("/", "~", "\\")) or "\\" in path or re.match("[A-Za-z]:", path) or ".." in parts or "" in parts or "." in parts
    )


def decoded(path):
    """2.1.3: CR, LF and the percent sign are encoded."""
    return re.sub("%0[Dd]|%0[Aa]|%25", lambda m: {"%0D": "\r", "%0A": "\n", "%25": "%"}[m[0].upper()], path)


def manifest(top, name, encoding):
    out = {}
    for line in lines(top, name, encoding):
        match = re.fullmatch(r"([0-9A-Fa-f]+)[ \t]+(.+)", line)
        need(match, name, "has the line", repr(line))
        path = unicodedata.normalize("NFC", decoded(match[2]))
        need(inside(path), name, "leads outside with", repr(path))
        need(path not in out, name, "lists twice", path)
        out[path] = match[1].lower()
    return out


def digests(top, path, algorithms):
    hashes = {a: hashlib.new(a) for a in algorithms}
    with open(os.path.join(top, path), "rb") as f:
        while block := f.read(1 << 20):
            for h in hashes.values():
                h.update(block)
    return {a: h.hexdigest() for a, h in hashes.items()}


def bag_info(top, encoding, payload):
    """2.2.2: labels and values, continued lines, Payload-Oxum once and right."""
    tags = []
    for line in lines(top, "bag-info.txt", encoding):
        if line[:1] in (" ", "\t") and tags:
            continue
        match = re.fullmatch(r"([^:\s](?:[^:]*[^:\s])?):[ \t](.*)", line)
        need(match, "bag-info.txt has the line", repr(line))
        tags.append((match[1].lower(), match[2].strip()))
    oxum = [v for k, v in tags if k == "payload-oxum"]
    need(len(oxum) <= 1, "Payload-Oxum is there", len(oxum), "times")
    total = "%d.%d" % (sum(os.path.getsize(os.path.join(top, p)) for p in payload), len(payload))
    need(not oxum or oxum[0] == total, "Payload-Oxum is", oxum, "not", total)


def fetch(top, encoding, listed):
    """2.2.3: an address, a length, a payload path that manifests list."""
    seen = set()
    for line in lines(top, "fetch.txt", encoding):
        match = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]*:\S+)[ \t]+(\d+|-)[ \t]+(.+)", line)
        need(match, "fetch.txt has the line", repr(line))
        path = unicodedata.normalize("NFC", decoded(match[3]))
        need(inside(path) and path.startswith("data/"), "fetch.txt names", repr(path))
        need(path in listed and path not in seen, "fetch.txt names", path)
        seen.add(path)


def check(top):
    encoding = declaration(top)
    need(os.path.isdir(os.path.join(top, "data")), "no folder data")
    raw = {unicodedata.normalize("NFC", p): p for p in files_below(top)}
    payload = {p for p in raw if p.startswith("data/")}
    manifests, tag_manifests = {}, {}
    for name in sorted(raw):
        match = re.fullmatch(r"(tag)?manifest-([^/]+)\.txt", name)
        if match:
            need(match[2] in ALGORITHMS, "algorithm", match[2])
            (tag_manifests if match[1] else manifests)[name] = match[2]
    need(manifests, "no payload manifest")
    sums = {}  # path -> algorithm -> digest
    listed = None
    for name, algorithm in manifests.items():
        entries = manifest(top, name, encoding)
        need(all(p.startswith("data/") for p in entries), name, "lists what is not payload")
        # 3: each payload file is in every payload manifest, and the other way.
        need(payload <= set(entries), name, "does not list", payload - set(entries))
        listed = set(entries) if listed is None else listed & set(entries)
        for p, s in entries.items():
            sums.setdefault(p, {})[algorithm] = s
    for name, algorithm in tag_manifests.items():
        entries = manifest(top, name, encoding)
        # 2.2.1: no payload, no tag manifest, but every payload manifest.
        need(not any(p.startswith("data/") or p in tag_manifests for p in entries), name, "lists what it must not")
        need(set(manifests) <= set(entries), name, "does not list a manifest")
        for p, s in entries.items():
            sums.setdefault(p, {})[algorithm] = s
    if "bag-info.txt" in raw:
        bag_info(top, encoding, {raw[p] for p in payload})
    if "fetch.txt" in raw:
        fetch(top, encoding, listed)
    for path, want in sums.items():
        need(path in raw, path, "is listed and not there")
        have = digests(top, raw[path], want)
        need(have == want, path, "differs from its checksum")


def check_path(path):
    if os.path.isdir(path):
        return check(path)
    with tempfile.TemporaryDirectory() as tmp:
        with zipfile.ZipFile(path) as z:
            need(z.testzip() is None, "the zip is damaged")
            z.extractall(tmp)
        tops = os.listdir(tmp)
        need(len(tops) == 1, "the zip holds", len(tops), "folders")
        return check(os.path.join(tmp, tops[0]))


for arg in sys.argv[1:]:
    try:
        check_path(arg)
        print(arg, "valid", sep="\t")
    except Wrong as e:
        print(arg, " ".join(map(str, e.args)), sep="\t")
