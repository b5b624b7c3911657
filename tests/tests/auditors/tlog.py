"""Checks a log in a directory or below a URL with the package aics-tlog: the checkpoint's
signature, every tile and entry against its root, and proofs that are made of the tiles:
inclusion of entries, and consistency with an earlier checkpoint.

    tlog.py DIRECTORY-OR-URL VKEY [EARLIER-CHECKPOINT]

Prints one line and ends with 0 if all of it holds; else says what does not, with 1.
"""

import sys

from aics_tlog import (
    HttpTileReader,
    audit_tiles,
    consistency_proof_from_tiles,
    inclusion_proof_from_tiles,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    read_entry,
    verify_checkpoint,
    verify_consistency,
    verify_inclusion,
)
from aics_tlog.remote import tile_source_url


def opened(text, key):
    """Size and root of a checkpoint that this key has signed."""
    note = parse_note(text)
    result = verify_checkpoint(note, key, expected_origin=key.name)
    if not result.ok:
        raise ValueError(f"the checkpoint: {result.error}")
    checkpoint = parse_checkpoint(note.text)
    return checkpoint.size, checkpoint.root


def check(source, vkey, earlier=None):
    key = parse_vkey(vkey)
    # Proxies are for other places than this one.
    reader = HttpTileReader([tile_source_url(source)], proxies={})
    size, root = opened(reader.read_checkpoint(), key)
    audit_tiles(reader, size, root)
    proofs = 0
    for index in sorted({0, size // 3, size // 2, size - 1}):
        proof = inclusion_proof_from_tiles(reader, index, size)
        leaf = leaf_hash(read_entry(reader, index, size))
        if not verify_inclusion(leaf, index, size, proof, root):
            raise ValueError(f"inclusion of entry {index}")
        proofs += 1
    old_size = 0
    if earlier is not None:
        with open(earlier, "rb") as file:
            old_size, old_root = opened(file.read(), key)
        proof = consistency_proof_from_tiles(reader, old_size, size)
        if not verify_consistency(old_size, size, old_root, root, proof):
            raise ValueError(f"consistency with the checkpoint over {old_size} entries")
    print(f"entries {size}, inclusion proofs {proofs}, consistent with {old_size}")


if __name__ == "__main__":
    try:
        check(*sys.argv[1:])
    except Exception as fault:  # whatever it says, the log is not proven
        sys.exit(f"{type(fault).__name__}: {fault}")
