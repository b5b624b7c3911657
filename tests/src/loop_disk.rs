//! A disk whose power can be cut and that can be made to hang: an ext4 file system in
//! a file, mounted over a loop device.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::disk::skip;

/// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: from here on nothing reaches
/// the disk, and what was not synced is gone. Perl is a part of every Debian; an ioctl
/// from Rust would be unsafe code.
/// It waits for a line first, so that the cut comes at once.
const SHUTDOWN: &str = r#"open(my $d, "<", $ARGV[0]) or die $!; my $f = pack("L", 2);
    $| = 1; print "ready\n"; <STDIN>; ioctl($d, 0x8004587d, $f) or die $!"#;

/// A mounted file system; unmounted when this goes.
pub struct LoopDisk {
    place: TempDir,
}

impl LoopDisk {
    /// Makes and mounts one of so many MiB. `None` where that is not allowed: the test
    /// says so on standard error.
    ///
    /// # Errors
    /// If there is no place for it.
    ///
    /// # Panics
    /// If it is not allowed and `CI=true`.
    pub fn mount(mebibytes: u64) -> anyhow::Result<Option<Self>> {
        let disk = Self { place: tempfile::tempdir()? };
        std::fs::create_dir(disk.path())?;
        File::create(disk.image())?.set_len(mebibytes << 20)?;
        // As a device's disk is: no blocks kept for root, which these tests are.
        let made = tool("mkfs.ext4", &["-q", "-F", "-m", "0"], &[&disk.image()]);
        if made.and_then(|_| disk.attach()).is_ok() {
            return Ok(Some(disk));
        }
        skip("mount a file as an ext4 file system");
        Ok(None)
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.place.path().join("disk")
    }

    fn image(&self) -> PathBuf {
        self.place.path().join("image")
    }

    fn attach(&self) -> anyhow::Result<()> {
        tool("mount", &["-o", "loop"], &[&self.image(), &self.path()]).map(drop)
    }

    /// Has everything that was written on the disk.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn sync(&self) -> anyhow::Result<()> {
        tool("sync", &["--file-system"], &[&self.path()]).map(drop)
    }

    /// What was written to it since it was mounted, with the file system's journal, in bytes.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub fn written_bytes(&self) -> anyhow::Result<u64> {
        let mounts = std::fs::read_to_string("/proc/mounts")?;
        let path = self.path();
        let is_here = |mount: &&str| mount.split(' ').nth(1).map(Path::new) == Some(&path);
        let device = mounts.lines().find(is_here);
        let device =
            device.and_then(|mount| mount.split([' ', '/']).nth(2)).context("its device")?;
        let told = format!("/sys/fs/ext4/{device}/session_write_kbytes");
        let kibibytes = std::fs::read_to_string(&told).context(told)?;
        Ok(kibibytes.trim().parse::<u64>()? * 1024)
    }

    /// Takes hold of its plug.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn plug(&self) -> anyhow::Result<Plug> {
        let mut perl = Command::new("perl");
        perl.args(["-e", SHUTDOWN]).arg(self.path());
        let mut hand = perl.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("perl")?;
        let mut ready = String::new();
        let output = hand.stdout.take().context("a piped output")?;
        BufReader::new(output).read_line(&mut ready)?;
        ensure!(ready == "ready\n", "perl: {ready}");
        Ok(Plug { hand })
    }

    /// Cuts its power.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn cut(&self) -> anyhow::Result<()> {
        self.plug()?.pull()
    }

    /// Gives it power again: checks the file system as a boot does, which replays its
    /// journal, and mounts it. Nobody may use it any more.
    ///
    /// It goes on in a copy: a network's own namespace that was made meanwhile has the
    /// old mount too, and the kernel would give the dead file system out again.
    ///
    /// # Errors
    /// If it is in use or the file system is damaged.
    pub fn restore(&self) -> anyhow::Result<()> {
        tool("umount", &[], &[&self.path()])?;
        let copy = self.place.path().join("copy");
        tool("cp", &["--sparse=always"], &[&self.image(), &copy])?;
        std::fs::rename(&copy, self.image())?;
        let checked = Command::new("e2fsck").args(["-f", "-p"]).arg(self.image()).output()?;
        // 1: something was put right, which is what a journal is for.
        let whole = matches!(checked.status.code(), Some(0 | 1));
        ensure!(whole, "e2fsck: {}", said(&checked));
        self.attach()
    }

    /// Makes it hang: whoever writes or syncs waits until it is thawed.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn freeze(&self) -> anyhow::Result<Frozen> {
        tool("fsfreeze", &["-f"], &[&self.path()])?;
        Ok(Frozen { disk: self.path() })
    }
}

impl Drop for LoopDisk {
    fn drop(&mut self) {
        // Lazily: a process that a failed test leaves may still be in it. The loop
        // device goes with the last of them.
        drop(Command::new("umount").arg("--lazy").arg(self.path()).output());
    }
}

/// A hand on the plug of a disk.
pub struct Plug {
    hand: Child,
}

impl Plug {
    /// Cuts its power: what was not synced is gone, and whoever uses it gets errors.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn pull(mut self) -> anyhow::Result<()> {
        // The line that it waits for is the end of its input.
        drop(self.hand.stdin.take());
        ensure!(self.hand.wait()?.success(), "the power cannot be cut");
        Ok(())
    }
}

/// A disk that hangs; thawed when this goes.
pub struct Frozen {
    disk: PathBuf,
}

impl Drop for Frozen {
    fn drop(&mut self) {
        // Whatever else went wrong: what is left frozen hangs for ever.
        drop(Command::new("fsfreeze").arg("-u").arg(&self.disk).output());
    }
}

fn tool(name: &str, options: &[&str], paths: &[&Path]) -> anyhow::Result<Output> {
    let output = Command::new(name).args(options).args(paths).output();
    let output = output.with_context(|| name.to_owned())?;
    ensure!(output.status.success(), "{name}: {}", said(&output));
    Ok(output)
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&both).trim().to_owned()
}
