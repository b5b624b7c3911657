//! Proofs from tiles are those of the whole tree.

use saksi_proto::merkle::is_consistent;

use super::disk::MemoryDisk;
use super::{Centre, Disk as _};
use crate::publisher::Tiles;

#[test]
fn a_consistency_proof_from_the_tiles_is_that_of_the_tree() {
    let sizes = [1, 2, 3, 7, 64, 255, 256, 257, 300, 511, 512, 513, 700, 1_000, 66_000];
    let mut centre = Centre::new();
    let disk = MemoryDisk::default();
    let mut publisher = centre.publisher(&disk);
    let tiles = Tiles::on(disk.clone());
    for second in sizes {
        centre.append(second - centre.tree.size());
        publisher.publish_log().unwrap();
        assert_eq!(tiles.root(second).unwrap(), centre.tree.root());
        for first in sizes.into_iter().chain([0, 5, 299]).filter(|first| *first <= second) {
            let proof = tiles.consistency(first, second).unwrap();
            assert_eq!(proof, centre.tree.consistency_proof(first, second), "{first} to {second}");
            let (earlier, later) = (centre.tree.root_at(first), centre.tree.root());
            assert!(is_consistent((first, &earlier), (second, &later), &proof));
            if first < second {
                let proof = tiles.inclusion(first, second).unwrap();
                assert_eq!(proof, centre.tree.inclusion_proof(first, second));
            }
        }
    }
    // Of earlier checkpoints too, whose partial tiles have become full or stayed.
    assert_eq!(tiles.consistency(300, 700).unwrap(), centre.tree.consistency_proof(300, 700));
    assert!(tiles.consistency(2, 1).is_err() && tiles.inclusion(7, 7).is_err());
    assert!(tiles.consistency(1, 70_000).is_err(), "not published");
    disk.damage("tile/0/000", Some(b"short"));
    assert!(tiles.consistency(3, 66_000).is_err());
    assert!(disk.files("tile").unwrap().len() > 500);
}
