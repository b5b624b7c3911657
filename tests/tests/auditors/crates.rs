//! Trees, proofs, tiles and notes of ours beside those of the crates `tlog_tiles` and
//! `signed_note`, for logs whose sizes and leaves come from seeds.

use std::cell::RefCell;
use std::collections::BTreeSet;

use fastrand::Rng;
use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::digest::Digest;
use saksi_proto::merkle::{Tree, is_consistent, leaf_hash, root_of_proof};
use saksi_proto::tile::{TileName, tile_root};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::tile::Tile;
use tlog_tiles::tlog::{
    Error, Hash, HashReader, check_record, check_tree, prove_record, prove_tree, record_hash,
    stored_hashes, tree_hash,
};

const SEEDS: std::ops::Range<u64> = 0..40;

/// Height of a tile: 2⁸ hashes.
const HEIGHT: u8 = 8;

/// Their tree: every hash that they store, in their order.
#[derive(Default)]
struct Stored {
    hashes: RefCell<Vec<Hash>>,
    leaves: u64,
}

impl Stored {
    fn push(&mut self, leaf: &[u8]) {
        let new = stored_hashes(self.leaves, leaf, self).unwrap();
        self.hashes.borrow_mut().extend(new);
        self.leaves += 1;
    }
}

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hashes = self.hashes.borrow();
        Ok(indexes.iter().map(|index| hashes[usize::try_from(*index).unwrap()]).collect())
    }
}

/// The same leaves in both trees.
struct Both {
    ours: Tree,
    theirs: Stored,
    leaves: Vec<Vec<u8>>,
}

impl Both {
    fn grown(random: &mut Rng) -> Self {
        let size = random.usize(1..1_500);
        let leaf = |random: &mut Rng| (0..random.usize(..90)).map(|_| random.u8(..)).collect();
        let leaves: Vec<Vec<u8>> = (0..size).map(|_| leaf(random)).collect();
        let mut theirs = Stored::default();
        leaves.iter().for_each(|leaf| theirs.push(leaf));
        Self { ours: leaves.iter().map(|leaf| leaf_hash(leaf)).collect(), theirs, leaves }
    }

    fn size(&self) -> u64 {
        self.ours.size()
    }
}

fn theirs(digest: Digest) -> Hash {
    Hash(digest.0)
}

fn ours(hashes: &[Hash]) -> Vec<Digest> {
    hashes.iter().map(|hash| Digest(hash.0)).collect()
}

#[test]
fn roots_are_the_same_at_every_size() {
    for seed in SEEDS {
        let both = Both::grown(&mut Rng::with_seed(seed));
        for size in 1..=both.size() {
            let root = tree_hash(size, &both.theirs).unwrap();
            assert_eq!(theirs(both.ours.root_at(size)), root, "seed {seed}, size {size}");
        }
    }
}

#[test]
fn each_side_makes_the_inclusion_proof_of_the_other_and_believes_it() {
    for seed in SEEDS {
        let mut random = Rng::with_seed(seed);
        let both = Both::grown(&mut random);
        for _ in 0..50 {
            let size = random.u64(1..=both.size());
            let leaf = random.u64(..size);
            let proof = both.ours.inclusion_proof(leaf, size);
            let their_proof = prove_record(size, leaf, &both.theirs).unwrap();
            assert_eq!(proof, ours(&their_proof), "seed {seed}, {leaf} of {size}");
            let bytes = &both.leaves[usize::try_from(leaf).unwrap()];
            let root = both.ours.root_at(size);
            check_record(&their_proof, size, theirs(root), leaf, record_hash(bytes)).unwrap();
            assert_eq!(root_of_proof(leaf, size, leaf_hash(bytes), &proof), Some(root));
        }
    }
}

#[test]
fn each_side_makes_the_consistency_proof_of_the_other_and_believes_it() {
    for seed in SEEDS {
        let mut random = Rng::with_seed(seed);
        let both = Both::grown(&mut random);
        for _ in 0..50 {
            let second = random.u64(1..=both.size());
            let first = random.u64(1..=second);
            let proof = both.ours.consistency_proof(first, second);
            let (before, after) = (both.ours.root_at(first), both.ours.root_at(second));
            let their_proof = prove_tree(second, first, &both.theirs).unwrap();
            assert_eq!(proof, ours(&their_proof), "seed {seed}, {first} to {second}");
            check_tree(&their_proof, second, theirs(after), first, theirs(before)).unwrap();
            assert!(is_consistent((first, &before), (second, &after), &proof));
        }
    }
}

#[test]
fn both_sides_believe_and_refuse_the_same_proofs() {
    let (mut believed, mut refused) = (0, 0);
    for seed in SEEDS {
        let mut random = Rng::with_seed(seed);
        let both = Both::grown(&mut random);
        for _ in 0..100 {
            let second = random.u64(1..=both.size());
            let first = random.u64(1..=second);
            let (before, after) = (both.ours.root_at(first), both.ours.root_at(second));
            let mut proof = both.ours.consistency_proof(first, second);
            spoil(&mut proof, &mut random);
            let verdict = is_consistent((first, &before), (second, &after), &proof);
            let their_proof = proof.iter().copied().map(theirs).collect();
            let their_verdict =
                check_tree(&their_proof, second, theirs(after), first, theirs(before));
            assert_eq!(verdict, their_verdict.is_ok(), "seed {seed}, {first} to {second}");
            if verdict { believed += 1 } else { refused += 1 }
        }
    }
    assert!(believed > 500 && refused > 500, "{believed} believed, {refused} refused");
}

/// Leaves a proof as it is, or changes, drops, doubles or swaps some of it.
fn spoil(proof: &mut Vec<Digest>, random: &mut Rng) {
    if proof.is_empty() {
        return;
    }
    let at = random.usize(..proof.len());
    match random.u8(..8) {
        0 => proof[at].0[random.usize(..32)] ^= 1 << random.u8(..8),
        1 => drop(proof.remove(at)),
        2 => proof.insert(at, proof[at]),
        3 => proof.swap(0, at),
        _ => {}
    }
}

#[test]
fn the_tiles_to_write_when_a_log_grows_are_theirs() {
    let mut random = Rng::with_seed(7);
    for _ in 0..300 {
        let size = random.u64(1..200_000);
        let from = random.u64(..size);
        let names = (0..4).flat_map(|level| TileName::of_level(Some(level), from, size));
        let mine: BTreeSet<_> = names.map(|name| name.to_string()).collect();
        let path = |tile: Tile| tile.path().replacen("tile/8/", "tile/", 1);
        let yours: BTreeSet<_> =
            Tile::new_tiles(HEIGHT, from, size).into_iter().map(path).collect();
        assert_eq!(mine, yours, "{from} to {size}");
    }
}

#[test]
fn a_tile_has_the_bytes_and_the_root_of_theirs() {
    let mut random = Rng::with_seed(9);
    let both = loop {
        let both = Both::grown(&mut random);
        if both.size() > 512 {
            break both;
        }
    };
    let tile = Tile::new(HEIGHT, 0, 1, 256, false);
    let bytes = tile.read_data(&both.theirs).unwrap();
    let hashes: Vec<_> = both.leaves[256..512].iter().map(|leaf| leaf_hash(leaf)).collect();
    assert_eq!(bytes, hashes.iter().flat_map(|hash| hash.0).collect::<Vec<_>>());
    assert_eq!(theirs(tile_root(&hashes)), Tile::subtree_hash(&bytes));
}

#[test]
fn checkpoints_and_keys_are_notes_to_others_and_a_changed_byte_is_found() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let log_key = LogKey { origin: "saksi.example/log".to_owned(), key: key.verifying_key() };
    let checkpoint = Checkpoint { origin: log_key.origin.clone(), size: 12, root: Digest([9; 32]) };
    let note = checkpoint.sign(&key);
    let known = || {
        let verifier = StandardVerifier::new(&log_key.to_string()).unwrap();
        VerifierList::new(vec![Box::new(verifier)])
    };
    let (verified, others) = Note::from_bytes(note.as_bytes()).unwrap().verify(&known()).unwrap();
    assert_eq!((verified.len(), others.len()), (1, 0));
    let read = tlog_tiles::Checkpoint::from_bytes(checkpoint.body().as_bytes()).unwrap();
    assert_eq!((read.origin(), read.size(), *read.hash()), (&*log_key.origin, 12, Hash([9; 32])));
    for at in 0..note.len() {
        let mut changed = note.clone().into_bytes();
        changed[at] ^= 1;
        let opened = Note::from_bytes(&changed).ok();
        assert!(opened.is_none_or(|note| note.verify(&known()).is_err()), "byte {at}");
    }
}
