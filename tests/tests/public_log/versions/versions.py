"""Counts a published log again with recount.py, and compares it with tables of many sizes.

    versions.py PUBLIC VKEY TABLES

TABLES has a directory for each size, named by it: CONTEST.csv of each contest, and root, the
root over so many entries in hex. Each must be what the first so many entries come to.
"""

import pathlib
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "auditors"))
import recount  # noqa: E402


def main(public, vkey, tables):
    """Print how many tables were compared; raise a Lie at the first that is another."""
    public, tables = pathlib.Path(public), pathlib.Path(tables)
    size, root = recount.parse_checkpoint((public / "checkpoint").read_text(), vkey)
    entries = recount.read_entries(public, size)
    leaves = recount.leaves_of(entries)
    recount.check_tree(public, leaves, root)
    lists = [recount.read_list(public / f"election/{name}.csv") for name in ("regions", "stations")]
    election = tomllib.loads((public / "election/election.toml").read_text())
    audit, compared = recount.Audit(recount.Definition(election, *lists), vkey), 0
    sizes = {int(path.name): path for path in tables.iterdir()}
    recount.hold(max(sizes) <= size, "a table of more entries than are published")
    for entry in entries:
        audit.take(entry)
        path = sizes.get(audit.entries)
        if path is None:
            continue
        signed = recount.root_of(leaves[:audit.entries]).hex()
        recount.hold((path / "root").read_text() == signed, f"{path}: its root")
        recount.hold(not audit.paused, f"{path}: of a size at which publication was paused")
        contests = audit.definition.contests
        recount.hold(sorted(contests) == sorted(file.stem for file in path.glob("*.csv")), str(path))
        for code, contest in contests.items():
            file = path / f"{code}.csv"
            recount.compare(file, file.read_bytes(), audit.totals(contest))
            compared += 1
    print(f"versions {len(sizes)}, tables {compared}, entries {size}")


try:
    main(*sys.argv[1:])
except recount.Lie as lie:
    sys.exit(str(lie))
