"""Written from deploy/LOG.md alone.

An auditor of the public log: it reads the published directory, believes none of its files,
and counts again. It shares no code with the publisher and needs nothing but Python 3.11.

    recount.py DIRECTORY [VKEY]

VKEY is the key of the log as it was published elsewhere; without it the directory's own
`log.vkey` is taken, which proves only that the directory agrees with itself.
"""

import base64
import csv
import hashlib
import io
import json
import pathlib
import re
import sys
import tomllib


class Lie(Exception):
    """Something published that does not hold; its text says what and where."""


def hold(condition, what):
    """Raise a Lie that says `what`, unless the condition is true."""
    if not condition:
        raise Lie(what)


def sha256(data):
    """The SHA-256 of some bytes."""
    return hashlib.sha256(data).digest()


# ---- Ed25519, RFC 8032, verified strictly. Points are (X, Y, Z, T), extended coordinates.

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, NEUTRAL = -121665 * pow(121666, -1, P) % P, (0, 1, 1, 0)


def add(a, b):
    """The sum of two points; the formula holds for equal ones too."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    w, x, y, z = f - e, d - c, d + c, f + e
    return w * x % P, y * z % P, x * y % P, w * z % P


def decode_point(data):
    """The point of 32 bytes, or None where they are not its one canonical encoding."""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def encode_point(a):
    """The 32 bytes of a point."""
    z = pow(a[2], -1, P)
    return (a[1] * z % P | (a[0] * z % P & 1) << 255).to_bytes(32, "little")


def combine(s, k, a):
    """s times the base point and k times another, together, two bits of each at a time."""
    rows = [(NEUTRAL, p, add(p, p), add(add(p, p), p)) for p in (a, BASE)]
    table = [add(x, y) for x in rows[0] for y in rows[1]]
    result = NEUTRAL
    for at in range(254, -1, -2):
        result = add(result, result)
        result = add(result, result)
        result = add(result, table[(k >> at & 3) * 4 + (s >> at & 3)])
    return result


def small_points():
    """The canonical encodings of the eight points of small order."""
    for y in range(2, 100):
        point = decode_point(y.to_bytes(32, "little")) or NEUTRAL
        # L times any point leaves only its part of small order; one of order 8 gives them all.
        found = {encode_point(combine(0, k * L, point)) for k in range(8)}
        if len(found) == 8:
            return found


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
SMALL = small_points()


def verifies(key, signature, message):
    """Whether the signature is the key's over the message, by the strict rules."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    point = decode_point(key) if len(key) == 32 and len(signature) == 64 else None
    if point is None or s >= L or key in SMALL or r in SMALL:
        return False
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    x, y, z, t = point
    # Comparing encodings refuses an R that is not canonical or not a point at all.
    return encode_point(combine(s, k, (P - x, y, z, P - t))) == r


# ---- The tree (RFC 6962, section 2.1), its tiles, and the signed note.


def root_of(hashes):
    """The root over leaves' hashes. A last one without a partner rises as it is."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2])
        hashes = [sha256(b"\1" + a + b) for a, b in pairs] + hashes[len(hashes) & ~1:]
    return hashes[0] if hashes else sha256(b"")


def leaves_of(elements):
    """The leaves' hashes of elements."""
    return [sha256(b"\0" + element) for element in elements]


def parse_vkey(line):
    """Origin, id and key of a `vkey`: `NAME+ID+KEY`, whose last part may hold a plus."""
    name, key_id, key = line.split("+", 2)
    key = base64.b64decode(key, validate=True)
    hold(len(key) == 33 and key[0] == 1, "log.vkey: not an Ed25519 key")
    hold(sha256(name.encode() + b"\n" + key)[:4].hex() == key_id, "log.vkey: its id is wrong")
    return name, bytes.fromhex(key_id), key[1:]


def parse_checkpoint(note, vkey):
    """Size and root of a checkpoint that the log has signed."""
    origin, key_id, key = parse_vkey(vkey)
    body, _, tail = note.rpartition("\n\n")
    signatures = []
    for line in tail.splitlines():
        dash, name, blob = line.split(" ")
        blob = base64.b64decode(blob, validate=True)
        if (dash, name, blob[:4]) == ("—", origin, key_id):
            signatures.append(blob[4:])
    message = f"{body}\n".encode()
    hold(signatures, "checkpoint: the log has not signed it")
    hold(all(verifies(key, s, message) for s in signatures), "checkpoint: its signature is false")
    name, size, root = body.split("\n")
    hold(name == origin and re.fullmatch("[1-9][0-9]{0,18}", size), "checkpoint: not of this log")
    return int(size), base64.b64decode(root, validate=True)


def read_tiles(directory, level, count):
    """Of all tiles (or bundles) over so many: path, bytes, how many to take, how many it has."""
    for at in range(0, count, 256):
        n, width = at // 256, min(256, count - at)
        digits = f"{n % 1000:03}"
        while n >= 1000:
            n //= 1000
            digits = f"x{n % 1000:03}/{digits}"
        path = f"tile/{level}/{digits}"
        # A part goes when the full one is there.
        part = width < 256 and (directory / f"{path}.p/{width}").exists()
        path, has = (f"{path}.p/{width}", width) if part else (path, 256)
        yield path, (directory / path).read_bytes(), width, has


def read_entries(directory, size):
    """The entries in all bundles."""
    entries = []
    for path, data, width, has in read_tiles(directory, "entries", size):
        found, at = [], 0
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at:at + 2], "big")
            found.append(data[at + 2:end])
            at = end
        hold(at == len(data) and len(found) == has, f"{path}: not {has} whole entries")
        entries += found[:width]
    return entries


def check_tree(directory, leaves, root):
    """All tiles of all levels against the leaves, and the root."""
    level, hashes, true = 0, leaves, root_of(leaves) == root
    while hashes:
        below = f"tile/{level - 1}" if level else "tile/entries"
        for n, (path, data, width, has) in enumerate(read_tiles(directory, level, len(hashes))):
            hold(len(data) == 32 * has, f"{path}: its length")
            same = data[:32 * width] == b"".join(hashes[256 * n:256 * n + width])
            hold(same, f"{path}: not as {below}; " + ("the entries have the checkpoint's root"
                                                     if true else "the entries are not the log's"))
        full = len(hashes) & ~255
        level, hashes = level + 1, [root_of(hashes[i:i + 256]) for i in range(0, full, 256)]
    hold(true, "checkpoint: its root is not that of the entries")


# ---- Postcard. The tables are those of LOG.md; `[` is a list, `?` an option, a number bytes.

STRUCTS = """
Manifest election:code phase:Phase roots:Roots log_key:str authority:32 at:u64
Enrolment station:code key:32 at:u64 warrant:Warrant
Form arrived:u64 sealed:bytes
Code tag:16 scope:CodeScope until:u64 at:u64 act:Act
Revocation station:code key:32 at:u64 act:Act
Evidence key:32 arrived:u64 sealed:bytes
Rehearsal arrived:u64 sealed:bytes
Ruling station:code contest:code over:bytes decision:Decision at:u64 act:Act
Amendment station:code change:Change at:u64 act:Act
Pause paused:flag at:u64 act:Act
Question station:code contest:code lines:[str64 text:str200 at:u64 act:Act
Act by:str64 reason:str200
Roots head:32 contests:u64 contests_root:32 regions:u64 regions_root:32 stations:u64 \
 stations_root:32
TallyForm election:32 phase:Phase station:code contest:code revision:u32 supersedes:?32 \
 device_time:u64 counts:[u32 explanation:?str480 reason:?str480 photos:[32
Head format:u16 id:code name:[str phase:Phase time_zone:str languages:[str level:[Level form:[Kind
Level code:code depth:u8 name:[str
Kind code:code name:[str section:[Section line:[Line rule:[Rule registered:?str voters:?str \
 valid:?str invalid:?str same:[str second_entry:[str officers:u8
Section code:str title:[str
Line code:str section:str letter:str name:[str columns:[code votes:?Votes bound:u32
Rule code:code severity:Severity check:[str sentence:[str
Contest code:code name:[str form:code scope:Scope ballot:Ballot
Candidate code:code name:str
Party code:code name:str candidate:[Candidate
Region code:code parent:?code level:code name:str
Station code:code region:code name:str men:?u32 women:?u32 all:?u32
"""
ENUMS = """
Entry Manifest:Manifest Enrolment:Enrolment Form:Form Code:Code Revocation:Revocation \
 Evidence:Evidence Rehearsal:Rehearsal Ruling:Ruling Amendment:Amendment Pause:Pause \
 Question:Question
Phase rehearsal: official:
Warrant bundle:Act code:16
CodeScope station:code region:code
Decision accept:32 reject: withdraw:
Change registered:u32 unopened: opened:
Votes candidates: parties:
Severity hard: warn:
Scope everywhere: list:[code
Ballot candidate:[Candidate party:[Party
"""


def table(text):
    """A table's lines: name, then what it has as (name, type)."""
    lines = [line.split() for line in text.strip().split("\n")]
    return {name: [tuple(field.split(":")) for field in fields] for name, *fields in lines}


STRUCTS, ENUMS = table(STRUCTS), table(ENUMS)


def varint(n):
    """A whole number in 7 bits a byte."""
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def encode(kind, value):
    """The bytes of a value; an enum's is its variant's name, or that and the field."""
    if kind in STRUCTS:
        return b"".join(encode(of, value[name]) for name, of in STRUCTS[kind])
    if kind in ENUMS:
        name, field = (value, None) if isinstance(value, str) else value
        variant = [name for name, _ in ENUMS[kind]].index(name)
        of = ENUMS[kind][variant][1]
        return varint(variant) + (encode(of, field) if of else b"")
    if kind[0] == "[":
        return varint(len(value)) + b"".join(encode(kind[1:], v) for v in value)
    if kind[0] == "?":
        return b"\0" if value is None else b"\1" + encode(kind[1:], value)
    if kind[0] == "u":
        return bytes([value]) if kind == "u8" else varint(value)
    return value if kind.isdigit() else varint(len(value.encode())) + value.encode()


def take(r, size):
    """So many bytes as they are."""
    data = r.read(size)
    hold(len(data) == size, "cut off")
    return data


def read_varint(r, most):
    """A whole number, at most this."""
    value = shift = 0
    while (byte := take(r, 1)[0]) > 127 and shift < 63:
        value, shift = value | (byte & 127) << shift, shift + 7
    value |= byte << shift
    hold(value <= most, f"{value} where {most} is the most")
    return value


def decode(kind, r):
    """The value that comes next; an enum's is its variant's name and the field."""
    if kind in STRUCTS:
        return {name: decode(of, r) for name, of in STRUCTS[kind]}
    if kind in ENUMS:
        name, of = ENUMS[kind][read_varint(r, len(ENUMS[kind]) - 1)]
        return name, decode(of, r) if of else None
    if kind[0] == "[":
        return [decode(kind[1:], r) for _ in range(read_varint(r, 65535))]
    if kind[0] == "?":
        return decode(kind[1:], r) if decode("flag", r) else None
    if kind == "flag":
        byte = take(r, 1)[0]
        hold(byte < 2, f"{byte} where 0 or 1 must be")
        return byte == 1
    if kind[0] == "u":
        return read_varint(r, 2**int(kind[1:]) - 1)
    if kind.isdigit():
        return take(r, int(kind))
    most = 20 if kind == "code" else int(kind.strip("strbye") or 65535)
    data = take(r, read_varint(r, most))
    hold(kind != "code" or re.fullmatch(b"[A-Za-z0-9._-]+", data), f"{data} is no code")
    return data if kind == "bytes" else data.decode()


def read_whole(kind, data):
    """A value that fills all of the bytes."""
    r = io.BytesIO(data)
    value = decode(kind, r)
    hold(not r.read(1), "bytes after its end")
    return value


def read_form(sealed):
    """A sealed form, taken apart; its signature is not looked at yet."""
    hold(len(sealed) <= 3584 and sealed[:1] == b"\1", "not a sealed form")
    form = read_whole("TallyForm", sealed[65:])
    hold(max(form["counts"], default=0) <= 999_999_999 + 2, "a count is too large")
    hold(len(form["photos"]) <= 8, "too many photos")
    hold(form["revision"] > 0 and (form["revision"] == 1) == (form["supersedes"] is None),
         "the form's revision and what it supersedes")
    return form | {"digest": sha256(sealed), "signature": sealed[1:65],
                   "message": b"saksi form v1\n" + sealed[65:]}


# ---- The definition, and the rules of forms.


def checks_of(rule):
    """A rule's checks; the file may give one without a list."""
    return [rule["check"]] if isinstance(rule["check"], str) else rule["check"]


def suffixes(line, contest):
    """What stands behind a line's code in the codes of its fields, field by field."""
    if line.get("votes") == "parties":
        return [(party["code"], part) for party in contest["party"]
                for part in ["own", *(c["code"] for c in party.get("candidate", [])), "total"]]
    if line.get("votes") == "candidates":
        return [(candidate["code"],) for candidate in contest["candidate"]]
    return [(column,) for column in line.get("columns", [])] or [()]


def layout(lines, contest):
    """A contest's fields; what the names in a check stand for, once and repeated.

    A name stands for a list of (constant, places), one for each repetition: the constant and
    the numbers at these places added up. The register's three stand behind the form's.
    """
    fields, bounds, columns, groups = [], [], {}, {}
    for line in lines:
        for suffix in suffixes(line, contest):
            if "votes" in line:
                groups.setdefault(suffix[0], []).append(len(fields))
            elif suffix:
                columns.setdefault(line["code"], []).append((0, [len(fields)]))
            fields.append(".".join([line["code"], *suffix]))
            bounds.append((line["bound"], []))
    places = [(0, [i]) for i in range(len(fields) + 3)]
    registers = ["registered.men", "registered.women", "registered.all"]
    names = {name: [place] for name, place in zip(fields + registers, places)}
    names["votes"] = [(0, [group[-1] for group in groups.values()])]
    # A party's group is its own votes, its candidates' and the total; a candidate's is one.
    totals = [(0, group[-1:]) for group in groups.values()]
    return fields, names, columns | {
        "field": places[:len(fields)], "bound": bounds, "vote": totals, "party.total": totals,
        "party.own": [(0, group[:1]) for group in groups.values()],
        "party.candidates": [(0, group[1:-1]) for group in groups.values()]}


class Check:
    """One check of a rule; `broken` says whether a form's numbers break it."""

    TOKEN = re.compile(r"\s*([()+*/-]|[0-9]+|[A-Za-z][A-Za-z0-9._-]*)\s*")

    def __init__(self, source, names, repeats):
        self.names, self.repeats, self.used, self.count = names, repeats, [], None
        parts = re.fullmatch(r"([^<=>]+)(<=|>=|[<=>])([^<=>]+?)(?:\+-\s*(\d+)\s*)?", source)
        hold(parts, f"election.toml: check {source!r}")
        self.left, self.right = self.compile(parts[1]), self.compile(parts[3])
        self.relation, self.tolerance = parts[2], int(parts[4] or 0)

    def compile(self, source):
        """A sum as Python; only numbers, `v[..]`, brackets and signs get into it."""
        out, at = [], 0
        while at < len(source):
            match = self.TOKEN.match(source, at)
            hold(match, f"election.toml: {source!r} in a check")
            word, at = match[1], match.end()
            # A code may hold a hyphen and so may a sum: take the longest name that is known.
            while "-" in word[1:] and word not in self.names | self.repeats:
                word = word.rpartition("-")[0]
                at = match.start(1) + len(word)
            out.append(self.translate(word))
        return compile(" ".join(out), source, "eval")

    def translate(self, word):
        """A word of a sum as Python. `ceil(a / b)` becomes `-(-(a) // b)`."""
        if word in "()+-*" or word.isdigit():
            return word.lstrip("0") or "0"
        if word in ("ceil", "/"):
            return {"ceil": "- (-", "/": ") //"}[word]
        hold(word in self.names | self.repeats, f"election.toml: a check names {word!r}")
        if word in self.repeats:
            count = len(self.repeats[word])
            hold(self.count in (None, count), f"election.toml: {word!r} repeats otherwise")
            self.count = count
        self.used.append(word)
        return f"v[{len(self.used) - 1}]"

    def broken(self, numbers):
        """Whether any repetition is broken; one with an unknown number is not."""
        count = 1 if self.count is None else self.count
        return any(self.broken_once(numbers, i) for i in range(count))

    def broken_once(self, numbers, i):
        """Whether the i-th repetition is broken."""
        atoms = [self.repeats[name][i] if name in self.repeats else self.names[name][0]
                 for name in self.used]
        if any(numbers[place] is None for _, places in atoms for place in places):
            return False
        v = [constant + sum(numbers[place] for place in places) for constant, places in atoms]
        a, b = (eval(side, {"__builtins__": {}}, {"v": v}) for side in (self.left, self.right))
        t = self.tolerance
        return not {"=": abs(a - b) <= t, "<=": a <= b + t, "<": a < b + t,
                    ">=": a + t >= b, ">": a + t > b}[self.relation]


class Contest:
    """A contest: its fields, its hard rules, and where it is held."""

    def __init__(self, contest, kind):
        self.code, self.scope = contest["code"], contest["scope"]
        self.fields, names, repeats = layout(kind["line"], contest)
        self.lines = {line["code"] for line in kind["line"]} | set(self.fields)
        self.hard = [Check(check, names, repeats) for rule in kind.get("rule", [])
                     if rule["severity"] == "hard" for check in checks_of(rule)]

    def held(self, station):
        """Whether it is held at a station."""
        return self.scope == "everywhere" or any(r in self.scope for r in station["path"])

    def breaks_hard(self, counts, station):
        """Whether a form breaks a hard rule at a station."""
        numbers = [None if count < 2 else count - 2 for count in counts]
        numbers += [station["men"], station["women"], station["all"]]
        return any(check.broken(numbers) for check in self.hard)


class Definition:
    """The election: contests, regions and stations, its Roots and its digest."""

    def __init__(self, head, regions, stations):
        self.id, self.phase = head["id"], head["phase"]
        kinds = {kind["code"]: kind for kind in head["form"]}
        self.contests = {c["code"]: Contest(c, kinds[c["form"]]) for c in head["contest"]}
        self.regions = {r["code"]: r | {"parent": r["parent"] or None}
                        for r in sorted(regions, key=lambda r: r["code"].encode())}
        self.stations = {s["code"]: s | {"path": self.path(s["region"])}
                         | {k: int(n) if (n := s[f"registered_{k}"]) else None
                            for k in ("men", "women", "all")}
                         for s in sorted(stations, key=lambda s: s["code"].encode())}
        whole = written(head, head["languages"])
        self.roots = {"head": sha256(encode("Head", whole))}
        for name, kind, values in (("contests", "Contest", whole["contest"]),
                                   ("regions", "Region", self.regions.values()),
                                   ("stations", "Station", self.stations.values())):
            root = root_of(leaves_of(encode(kind, value) for value in values))
            self.roots |= {name: len(values), f"{name}_root": root}
        self.digest = sha256(b"saksi election v1\n" + encode("Roots", self.roots))

    def path(self, region):
        """A region and all above it."""
        path = []
        while region:
            hold(region in self.regions and region not in path, f"regions.csv: {region!r}")
            path.append(region)
            region = self.regions[region]["parent"]
        return path


def written(head, languages):
    """The parsed `election.toml` with each value as it is encoded."""
    def text(value):
        return [value if isinstance(value, str) else value[lang] for lang in languages]

    def listed(lines):
        return [lines] if isinstance(lines, str) else lines

    def kind(v):
        lines = [{"columns": [], "votes": None} | line | {"name": text(line["name"])}
                 for line in v["line"]]
        rules = [rule | {"check": checks_of(rule), "sentence": text(rule["sentence"])}
                 for rule in v.get("rule", [])]
        summary = dict.fromkeys(("registered", "voters", "valid", "invalid"))
        summary |= {"same": []} | v.get("summary", {})
        sections = [section | {"title": text(section["title"])} for section in v.get("section", [])]
        return summary | {"code": v["code"], "name": text(v["name"]), "section": sections,
                          "line": lines, "rule": rules, "officers": v.get("officers", 2),
                          "same": listed(summary["same"]),
                          "second_entry": listed(v.get("second_entry", []))}

    def contest(v):
        scope = v["scope"] if v["scope"] == "everywhere" else ("list", v["scope"])
        parties = [{"candidate": []} | party for party in v.get("party", [])]
        ballot = ("party", parties) if "party" in v else ("candidate", v["candidate"])
        return v | {"name": text(v["name"]), "scope": scope, "ballot": ballot}

    return head | {"name": text(head["name"]), "form": [kind(v) for v in head["form"]],
                   "level": [v | {"name": text(v["name"])} for v in head["level"]],
                   "contest": [contest(v) for v in head["contest"]]}


# ---- The entries, in their order.


def open_heads(forms):
    """The forms that no other of them supersedes."""
    superseded = {form["supersedes"] for form in forms}
    return [form for form in forms if form["digest"] not in superseded]


class Audit:
    """What the entries so far add up to. Each method with an entry's name checks and takes one."""

    def __init__(self, definition, vkey):
        self.definition, self.vkey, self.entries, self.signatures = definition, vkey, 0, 0
        self.speaking, self.enrolled, self.digests = {}, set(), set()
        self.forms, self.rulings, self.registered, self.unopened = {}, {}, {}, {}
        self.paused = False

    def take(self, data):
        """The next entry of the log."""
        try:
            name, entry = read_whole("Entry", data)
            hold((name == "Manifest") == (self.entries == 0), "the manifest is entry 0 alone")
            hold(name not in ("Ruling", "Amendment", "Pause", "Question") or entry["act"]["reason"].strip(),
                 "no reason is given")
            getattr(self, name.lower(), lambda entry: None)(entry)
        except (Lie, UnicodeDecodeError) as lie:
            raise Lie(f"entry {self.entries}: {lie}") from lie
        self.entries += 1

    def station(self, code):
        """A station that must be in the list."""
        hold(code in self.definition.stations, f"station {code} is not in the list")
        return self.definition.stations[code]

    def signed(self, sealed, key=None):
        """A form whose signature is by this key, or by that which speaks for its station."""
        form = read_form(sealed)
        key, where = key or self.speaking.get(form["station"]), f"station {form['station']}"
        hold(key, f"{where} sends a form and no device speaks for it")
        hold(verifies(key, form["signature"], form["message"]), f"{where}: a false signature")
        self.signatures += 1
        return form

    def manifest(self, entry):
        """Entry 0 names this log and this definition."""
        hold(entry["log_key"] == self.vkey, "the manifest has another log's key")
        hold(entry["roots"] == self.definition.roots, "the manifest is of another definition")
        hold((entry["election"], entry["phase"][0]) == (self.definition.id, self.definition.phase),
             "the manifest has another election's code or phase")

    def enrolment(self, entry):
        """From here on this key speaks for the station."""
        hold(entry["key"] not in self.enrolled, "a key is enrolled twice")
        self.enrolled.add(entry["key"])
        self.speaking[self.station(entry["station"])["code"]] = entry["key"]

    def revocation(self, entry):
        """The station's device speaks no more."""
        key = self.speaking.pop(entry["station"], None)
        hold(key == entry["key"], f"that key did not speak for station {entry['station']}")

    def form(self, entry):
        """A form that may count."""
        form, definition = self.signed(entry["sealed"]), self.definition
        station, contest = self.station(form["station"]), definition.contests.get(form["contest"])
        hold(contest and contest.held(station), f"{form['contest']} is not held there")
        hold((form["election"], form["phase"][0]) == (definition.digest, definition.phase),
             "the form is of another definition or phase")
        hold(len(form["counts"]) == len(contest.fields), "the form has too many or too few numbers")
        hold(form["digest"] not in self.digests, "the form stands in the log twice")
        self.digests.add(form["digest"])
        kept = {key: form[key] for key in ("digest", "supersedes", "counts")}
        kept["hard"] = contest.breaks_hard(form["counts"], station)
        self.forms.setdefault((station["code"], contest.code), []).append(kept)

    def rehearsal(self, entry):
        """A trial, which changes no total."""
        self.signed(entry["sealed"])

    def evidence(self, entry):
        """A form by a key that spoke once; it changes no total."""
        hold(entry["key"] in self.enrolled, "evidence by a key that never spoke")
        self.signed(entry["sealed"], entry["key"])

    def ruling(self, entry):
        """A person has decided on the forms of a station that no other supersedes."""
        at = entry["station"], entry["contest"]
        where = "the ruling on {1} at station {0}".format(*at)
        heads = open_heads(self.forms.get(at, []))
        over = [head["digest"] for head in heads]
        hold(0 < len(over) <= 2000, f"{where}: over {len(over)} forms")
        hold(entry["over"] == b"".join(over), f"{where}: not over the forms that stand there")
        kind, accepted = entry["decision"]
        hold(kind != "accept" or accepted in over, f"{where}: accepts another form")
        if kind == "withdraw":
            hold(self.rulings.get(at, (kind,))[0] != kind, f"{where}: nothing to withdraw")
        else:
            hold(len(heads) > 1 or heads[0]["hard"], f"{where}: there was nothing to decide")
        self.rulings[at] = kind, accepted, over

    def amendment(self, entry):
        """The register or the opening of a station is put right."""
        code, (kind, registered) = self.station(entry["station"])["code"], entry["change"]
        if kind == "registered":
            self.registered[code] = registered
        else:
            self.unopened[code] = kind == "unopened"

    def question(self, entry):
        """A station is asked to look again, which changes no total."""
        station = self.station(entry["station"])
        contest = self.definition.contests.get(entry["contest"])
        hold(contest and contest.held(station), f"{entry['contest']} is not held there")
        hold(entry["text"].strip() and len(entry["lines"]) <= 8, "a question without words")
        hold(contest.lines.issuperset(entry["lines"]), "a question about a line that is not there")

    def pause(self, entry):
        """Totals stop, or go on."""
        self.paused = entry["paused"]

    def standing(self, at):
        """How a station stands in a contest, and the numbers of the form that counts."""
        forms = self.forms.get(at, [])
        if not forms:
            return "unopened" if self.unopened.get(at[0]) else "missing", []
        kind, accepted, over = self.rulings.get(at, ("withdraw", None, []))
        rejected = set() if kind == "withdraw" else set(over) - {accepted}
        heads = [head for head in open_heads(forms) if head["digest"] not in rejected]
        if len(heads) != 1:
            return "disputed" if heads else "rejected", []
        held = heads[0]["hard"] and heads[0]["digest"] != accepted
        return ("held", []) if held else ("counted", heads[0]["counts"])

    def row(self, station, contest):
        """What one station adds to each column after `level`."""
        at = station["code"], contest.code
        standing, counts = self.standing(at)
        forms = self.forms.get(at, [])
        stands = [standing == s for s in ("counted", "held", "disputed", "rejected", "missing")]
        expected, reported = standing != "unopened", sum(stands[:4])
        registered = self.registered.get(at[0], station["all"]) or 0
        return [expected, reported, *stands, not expected, len(open_heads(forms)) < len(forms),
                self.rulings.get(at, ("withdraw",))[0] != "withdraw", registered * expected,
                registered * stands[0], sum(count < 2 for count in counts),
                *(max(count - 2, 0) for count in counts or [0] * len(contest.fields))]

    def totals(self, contest):
        """All lines of a contest's totals, the line of names first."""
        sums = {}
        for station in filter(contest.held, self.definition.stations.values()):
            row = self.row(station, contest)
            for region in station["path"]:
                before = sums.get(region, [0] * len(row))
                sums[region] = [a + b for a, b in zip(before, row)]
        names = ("code level expected reported counted held disputed rejected missing unopened"
                 " corrected ruled registered registered_counted blank").split()
        return [names + contest.fields] + [[code, region["level"], *sums[code]] for code, region
                                           in self.definition.regions.items() if code in sums]


# ---- Files in, lines out.


def read_list(path):
    """The lines of a CSV file by the names of its columns, without spaces around values."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        names, *rows = [[v.strip() for v in row] for row in csv.reader(file, skipinitialspace=True)
                        if row]
    return [dict(zip(names, row, strict=True)) for row in rows]


def compare(path, published, lines):
    """A published file against our lines; says the first place where they part."""
    ours = io.StringIO()
    csv.writer(ours, lineterminator="\n").writerows(lines)
    if published == ours.getvalue().encode():
        return
    theirs = list(csv.reader(io.StringIO(published.decode())))
    for at, (their, our) in enumerate(zip(theirs, lines), 1):
        for name, a, b in zip(lines[0], their, map(str, our)):
            hold(a == b, f"{path}, line {at} ({our[0]}), {name}: published {a}, recounted {b}")
    raise Lie(f"{path}: {len(theirs)} lines, recounted {len(lines)}, or written otherwise")


def check_totals(directory, totals, audit):
    """Every file that `totals.json` names, byte by byte; yields a line for each contest."""
    contests, regions = audit.definition.contests, audit.definition.regions
    hold(not audit.paused, "totals.json: of a size at which publication was paused")
    hold(sorted(named["contest"] for named in totals["contests"]) == sorted(contests),
         "totals.json: not of the contests of this election, each once")
    for named in totals["contests"]:
        path = f"totals/{totals['size']}/{named['contest']}.csv"
        hold(named["file"] == path, f"totals.json: {named['file']!r} in the place of {path}")
        published, lines = (directory / path).read_bytes(), audit.totals(contests[named["contest"]])
        compare(path, published, lines)
        hold(sha256(published).hex() == named["sha256"], f"totals.json: the sha256 of {path}")
        country = [line for line in lines[1:] if not regions[line[0]]["parent"]]
        yield named["contest"] + ": " + ", ".join(
            f"{name} {value}" for line in country for name, value in zip(lines[0][2:], line[2:]))


def recount(directory, vkey=None):
    """Check a published directory; yields lines to print, raises a Lie at the first one."""
    def text(path):
        return (directory / path).read_bytes().decode()

    own = text("log.vkey").strip()
    hold(vkey in (None, own), "log.vkey: not the key that was published elsewhere")
    size, root = parse_checkpoint(text("checkpoint"), own)
    entries = read_entries(directory, size)
    leaves = leaves_of(entries)
    check_tree(directory, leaves, root)
    lists = [read_list(directory / f"election/{name}.csv") for name in ("regions", "stations")]
    definition = Definition(tomllib.loads(text("election/election.toml")), *lists)
    totals = json.loads(text("totals.json"))
    hold((totals["format"], totals["origin"]) == (1, parse_vkey(own)[0]), "totals.json: its origin")
    hold(0 < totals["size"] <= size, "totals.json: not of a size that the checkpoint covers")
    hold(totals["root"] == root_of(leaves[:totals["size"]]).hex(), "totals.json: its root")
    audit, lines = Audit(definition, own), []
    for entry in entries:
        audit.take(entry)
        # The log may have grown since: the totals are those of the entries up to their size.
        if audit.entries == totals["size"]:
            lines = list(check_totals(directory, totals, audit))
    return lines + [f"entries {size}, forms {len(audit.digests)}, signatures {audit.signatures}, "
                    f"regions {len(definition.regions)}: all as published"]


def main(arguments):
    """Run from the command line; 0 if all is as published, 1 at the first lie."""
    if not 1 <= len(arguments) <= 2:
        print("usage: recount.py DIRECTORY [VKEY]", file=sys.stderr)
        return 2
    try:
        print(*recount(pathlib.Path(arguments[0]), *arguments[1:]), sep="\n")
    except Lie as lie:
        print(lie, file=sys.stderr)
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SyntaxError,
            ArithmeticError) as error:
        print(f"cannot be read: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
