//! The key, and checkpoints from before.

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::cosignature::{WitnessKey, WitnessPolicy, cosign};
use saksi_proto::digest::Digest;
use saksi_proto::note::Note;
use saksi_proto::policy::Policy;

use crate::audit::Given;
use crate::audit::fault::{AuditFault, LieKind};
use crate::audit::sample::{PublicLog, audited, lie, log_key, night, signer};

fn after(previous: &str) -> Given {
    Given { key: Some(log_key()), previous: Some(previous.to_owned()), ..Given::default() }
}

#[test]
fn a_log_has_grown_from_each_of_its_earlier_checkpoints() {
    let log = PublicLog::long(600);
    let dir = log.write();
    for size in [1, 2, 255, 256, 257, 599, 600] {
        let (origin, root) = (log_key().origin, log.tree().root_at(size));
        let previous = Checkpoint { origin, size, root }.sign(&signer());
        let (report, done) = audited(dir.path(), &after(&previous));
        done.unwrap_or_else(|fault| panic!("{size}: {fault}"));
        let words = format!("older checkpoint ({size} entries");
        assert!(report.text().contains(&words), "{}", report.text());
    }
}

#[test]
fn a_fork_that_the_log_has_signed_is_named_with_both_roots() {
    let (log, mut fork) = (PublicLog::long(300), PublicLog::long(300));
    fork.entries[200] = fork.entries[5].clone();
    let dir = log.write();
    let (ours, theirs) = (log.tree(), fork.tree());
    for size in [201, 256, 299, 300] {
        let (origin, root) = (log_key().origin, theirs.root_at(size));
        let previous = Checkpoint { origin, size, root }.sign(&signer());
        let lie = lie(dir.path(), &after(&previous));
        assert_eq!((lie.kind, lie.file.as_str()), (LieKind::Fork, "checkpoint"), "{lie}");
        for root in [ours.root_at(size), root] {
            assert!(lie.words.contains(&root.to_string()), "{lie}");
        }
    }
    // Both go the same way until then.
    let (origin, root) = (log_key().origin, theirs.root_at(200));
    let previous = Checkpoint { origin, size: 200, root }.sign(&signer());
    audited(dir.path(), &after(&previous)).1.unwrap();
}

#[test]
fn a_log_that_was_rolled_back_is_named_with_both_sizes() {
    let longer = PublicLog::long(301);
    let dir = PublicLog::long(300).write();
    let lie = lie(dir.path(), &after(&longer.checkpoint()));
    assert_eq!((lie.kind, lie.file.as_str()), (LieKind::RolledBack, "checkpoint"), "{lie}");
    assert!(lie.words.contains("300 entries") && lie.words.contains("301"), "{lie}");
}

#[test]
fn what_is_no_checkpoint_of_this_log_is_not_compared_with() {
    let log = PublicLog::of(&night());
    let dir = log.write();
    let other = SigningKey::from_bytes(&[8; 32]);
    let (origin, root) = (log_key().origin, log.tree().root());
    let of_other_key = Checkpoint { origin, size: 12, root }.sign(&other);
    for previous in [of_other_key.as_str(), "nonsense", ""] {
        let done = audited(dir.path(), &after(previous)).1;
        assert!(matches!(done, Err(AuditFault::Given(_))), "{previous}: {done:?}");
    }
}

#[test]
fn another_key_than_the_one_that_was_published_is_named() {
    let dir = PublicLog::of(&night()).write();
    let key = SigningKey::from_bytes(&[8; 32]).verifying_key();
    let given = Given { key: Some(LogKey { key, ..log_key() }), ..Given::default() };
    let lie = lie(dir.path(), &given);
    assert_eq!((lie.kind, lie.file.as_str()), (LieKind::Key, "log.vkey"), "{lie}");
    // Without its own word the signature tells.
    std::fs::remove_file(dir.path().join("log.vkey")).unwrap();
    let lie = crate::audit::sample::lie(dir.path(), &given);
    assert_eq!((lie.kind, lie.file.as_str()), (LieKind::Checkpoint, "checkpoint"), "{lie}");
    let own = Given { key: Some(log_key()), ..Given::default() };
    audited(dir.path(), &own).1.unwrap();
}

/// Other keys may sign the same checkpoint; their lines are not asked for here.
#[test]
fn lines_of_witnesses_do_not_disturb() {
    let log = PublicLog::of(&night());
    let dir = log.write();
    let note = log.checkpoint() + "— witness.example/w AAAAAAAAAAAAAAAAAAAA\n";
    std::fs::write(dir.path().join("checkpoint"), note).unwrap();
    audited(dir.path(), &Given::default()).1.unwrap();
}

/// A policy that wants so many of three witnesses, and the log with their lines as given.
fn cosigned(needed: usize, lines: &[(&str, u8, u64)]) -> (tempfile::TempDir, Given) {
    let log = PublicLog::of(&night());
    let dir = log.write();
    let key = |seed| SigningKey::from_bytes(&[seed; 32]);
    let mut note = log.checkpoint();
    let body = Note::parse(&note).unwrap().body.to_owned();
    for (name, seed, size) in lines {
        let body = body.replace("\n12\n", &format!("\n{size}\n"));
        note += &cosign(name, &key(*seed), &body, 1_700_000_000);
    }
    std::fs::write(dir.path().join("checkpoint"), note).unwrap();
    let witnesses = [("a.example", 1), ("b.example", 2), ("c.example", 3)];
    let witnesses =
        witnesses.map(|(name, seed)| WitnessKey::new(name, key(seed).verifying_key()).unwrap());
    let witnesses = WitnessPolicy::new(witnesses.to_vec(), needed).unwrap();
    let policy = Policy { logs: vec![log_key()], witnesses };
    (dir, Given { policy: Some(policy), ..Given::default() })
}

#[test]
fn the_witnesses_of_a_policy_are_looked_for() {
    let two = [("c.example", 3, 12), ("x.example", 9, 12), ("a.example", 1, 12)];
    let (dir, given) = cosigned(2, &two);
    let (report, done) = audited(dir.path(), &given);
    done.unwrap();
    let text = report.text();
    let wanted = "2 of the policy's witnesses have cosigned the checkpoint, \
                  a.example (2023-11-14T22:13:20Z), c.example (2023-11-14T22:13:20Z); 2 must have.";
    assert!(text.contains(wanted), "{text}");
    assert!(!text.contains("Cosignatures: they were not looked at"), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["checked"][1]["cosigned"]["by"][1]["witness"], "c.example");
    // Nobody has asked.
    let (report, done) = audited(dir.path(), &Given::default());
    done.unwrap();
    assert!(report.text().contains("Cosignatures: they were not looked at"), "{}", report.text());
}

#[test]
fn too_few_or_false_cosignatures_are_named() {
    let two = [("a.example", 1, 12), ("c.example", 3, 12)];
    let (dir, given) = cosigned(3, &two);
    let found = lie(dir.path(), &given);
    assert_eq!((found.kind, found.file.as_str()), (LieKind::Cosignature, "checkpoint"), "{found}");
    assert!(found.words.contains("by 2 of") && found.words.contains("not by b.example"), "{found}");
    // A line for another size of the log.
    let forged = [two[0], two[1], ("b.example", 2, 13)];
    let (dir, given) = cosigned(2, &forged);
    let found = lie(dir.path(), &given);
    assert_eq!((found.kind, found.file.as_str()), (LieKind::Cosignature, "checkpoint"), "{found}");
    assert!(found.words.contains("b.example"), "{found}");
    // A policy about another log is of no use.
    let (dir, mut given) = cosigned(2, &two);
    let key = SigningKey::from_bytes(&[8; 32]).verifying_key();
    given.policy.as_mut().unwrap().logs = vec![LogKey { key, ..log_key() }];
    let done = audited(dir.path(), &given).1;
    assert!(matches!(done, Err(AuditFault::Given(_))), "{done:?}");
}

#[test]
fn a_signed_root_over_other_entries_is_no_sound_log() {
    let dir = PublicLog::of(&night()).write();
    let origin = log_key().origin;
    let note = Checkpoint { origin, size: 12, root: Digest([7; 32]) }.sign(&signer());
    std::fs::write(dir.path().join("checkpoint"), note).unwrap();
    let lie = lie(dir.path(), &Given::default());
    assert_eq!((lie.kind, lie.file.as_str()), (LieKind::Checkpoint, "checkpoint"), "{lie}");
    // None, and more than anybody could count.
    for size in [0, u64::MAX] {
        let odd = Checkpoint { origin: log_key().origin, size, root: Digest::of(&[]) };
        std::fs::write(dir.path().join("checkpoint"), odd.sign(&signer())).unwrap();
        let lie = crate::audit::sample::lie(dir.path(), &Given::default());
        assert_eq!((lie.kind, lie.file.as_str()), (LieKind::Checkpoint, "checkpoint"), "{lie}");
    }
}
