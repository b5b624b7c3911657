//! Many signatures verified at once, exactly as strictly as one by one.
//!
//! One signature costs two multiplications of a curve point. Many cost one sum of all
//! their equations, each weighted at random (Bernstein et al., *High-speed high-security
//! signatures*, 5): a third of the time. Two things keep the answer the same as that of
//! [`VerifyingKey::verify_strict`], which every reader of the log applies:
//!
//! - The sum overlooks errors in the eight points of small order, one time in eight: a
//!   device could make signatures that a batch takes and an auditor refuses
//!   (`proto/golden/torsion-signature.hex`). So every point of a batch is shown to have
//!   no part of small order, by 32 random subset sums.
//! - Encodings that are not canonical, and points of small order, never enter a batch.
//!
//! A batch that does not hold is halved until the bad ones stand alone; each of those is
//! decided by `verify_strict` itself.

use std::collections::HashMap;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity as _, VartimeMultiscalarMul as _};
use saksi_proto::VerifyingKey;
use saksi_proto::seal::SealedForm;
use sha2::{Digest as _, Sha512};

/// Fewer than this are verified one by one: the subset sums cost a millisecond, whatever
/// their number, and one signature 30 µs (measured: the two meet at about 60).
const WORTH_A_BATCH: usize = 64;

/// A point with a part of small order is overlooked by one subset sum with a chance of
/// a half, by all of them one time in 2³²: at 5,000 tries a second, each of them seen
/// and refused, once in ten days. What it would win is an odd signature of its own key.
const TORSION_SUMS: usize = 32;

/// Subset sums that are computed together: a byte of a point's random label says in
/// which of eight it takes part.
const SUMS_A_LABEL: usize = 8;

/// A form and the key that should have signed it.
pub type Claim<'a> = (&'a SealedForm, &'a VerifyingKey);

/// For each claim, whether it holds. `seed` is fresh randomness that nobody who sends
/// signatures can know.
#[must_use]
pub fn verify(claims: &[Claim], seed: &[u8; 32]) -> Vec<bool> {
    if claims.len() < WORTH_A_BATCH {
        return claims.iter().map(|claim| alone(*claim)).collect();
    }
    let terms: Vec<_> = claims.iter().map(Term::new).collect();
    let mut holds = vec![false; claims.len()];
    // Positions of claims that are not decided yet, in spans that are tried together.
    let mut spans: Vec<Vec<usize>> =
        vec![(0..claims.len()).filter(|at| terms[*at].is_some()).collect()];
    let mut random = Random::new(seed);
    while let Some(span) = spans.pop() {
        if span.len() < WORTH_A_BATCH {
            span.iter().for_each(|at| holds[*at] = alone(claims[*at]));
        } else if hold_together(span.iter().filter_map(|at| terms[*at].as_ref()), &mut random) {
            span.iter().for_each(|at| holds[*at] = true);
        } else {
            let (left, right) = span.split_at(span.len() / 2);
            spans.extend([left.to_vec(), right.to_vec()]);
        }
    }
    holds
}

fn alone((sealed, key): Claim) -> bool {
    sealed.is_signed_by(key)
}

/// One equation, `s·B = R + k·A` (RFC 8032, 5.1.7).
struct Term {
    s: Scalar,
    r: EdwardsPoint,
    k: Scalar,
    a: EdwardsPoint,
    /// The encoding of A, to find the equations of one key.
    key: [u8; 32],
}

impl Term {
    /// The equation of a claim; `None` if strict verification refuses it unseen.
    fn new((sealed, key): &Claim) -> Option<Self> {
        let (signature, parts) = sealed.signed();
        let (r, s) = (signature.r_bytes(), signature.s_bytes());
        if !is_canonical(r) || key.is_weak() {
            return None;
        }
        let s = Scalar::from_canonical_bytes(*s).into_option()?;
        let point = CompressedEdwardsY(*r).decompress()?;
        if point.is_small_order() {
            return None;
        }
        let mut hash = Sha512::new().chain_update(r).chain_update(key.as_bytes());
        parts.iter().for_each(|part| hash.update(part));
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        Some(Self { s, r: point, k, a: key.to_edwards(), key: key.to_bytes() })
    }
}

/// Whether the y of an encoding is below 2²⁵⁵ − 19. The two encodings of x = 0 with the
/// sign set are of points of small order.
fn is_canonical(encoding: &[u8; 32]) -> bool {
    let above = encoding[1..31].iter().all(|byte| *byte == 0xff) && encoding[31] & 0x7f == 0x7f;
    !(above && encoding[0] >= 0xed)
}

/// Whether all equations hold: their weighted sum, and no point has a part of small order.
fn hold_together<'a>(terms: impl Iterator<Item = &'a Term>, random: &mut Random) -> bool {
    let mut of_base = Scalar::ZERO;
    let (mut scalars, mut points) = (Vec::new(), Vec::new());
    // A station's forms have one key, and its point enters the sum once.
    let mut keys: HashMap<[u8; 32], (Scalar, EdwardsPoint)> = HashMap::new();
    for term in terms {
        let weight = random.weight();
        of_base -= weight * term.s;
        keys.entry(term.key).or_insert((Scalar::ZERO, term.a)).0 += weight * term.k;
        scalars.push(weight);
        points.push(term.r);
    }
    let (of_keys, of_points): (Vec<_>, Vec<_>) = keys.into_values().unzip();
    scalars.extend(of_keys);
    points.extend(of_points);
    scalars.push(of_base);
    points.push(curve25519_dalek::constants::ED25519_BASEPOINT_POINT);
    EdwardsPoint::vartime_multiscalar_mul(&scalars, &points).is_identity()
        && are_torsion_free(&points, random)
}

/// Whether no point has a part of small order, but for a chance of 2⁻³² that one has.
fn are_torsion_free(points: &[EdwardsPoint], random: &mut Random) -> bool {
    (0..TORSION_SUMS / SUMS_A_LABEL).all(|_| {
        subset_sums(points, random).iter().all(|sum| {
            // The order of the large subgroup times the sum, as −1 times it, and once more.
            let multiple = EdwardsPoint::vartime_double_scalar_mul_basepoint(
                &-Scalar::ONE,
                sum,
                &Scalar::ZERO,
            );
            (multiple + sum).is_identity()
        })
    })
}

/// Eight random subset sums, for one addition a point: each point is added to the bucket
/// of its label, and a bucket belongs to the sums whose bits its number has.
fn subset_sums(points: &[EdwardsPoint], random: &mut Random) -> [EdwardsPoint; SUMS_A_LABEL] {
    let mut buckets = vec![EdwardsPoint::default(); 1 << SUMS_A_LABEL];
    for point in points {
        buckets[usize::from(random.label())] += point;
    }
    let mut sums = [EdwardsPoint::default(); SUMS_A_LABEL];
    // The upper half of the buckets is the highest sum; folded onto the lower half, the
    // same holds there for the next.
    for sum in sums.iter_mut().rev() {
        let upper = buckets.split_off(buckets.len() / 2);
        for (lower, upper) in buckets.iter_mut().zip(upper) {
            *sum += upper;
            *lower += upper;
        }
    }
    sums
}

/// Random bytes from a seed: SHA-512 in counter mode.
struct Random {
    seed: [u8; 32],
    counter: u64,
    block: [u8; 64],
    used: usize,
}

impl Random {
    fn new(seed: &[u8; 32]) -> Self {
        Self { seed: *seed, counter: 0, block: [0; 64], used: 64 }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        if self.used + N > self.block.len() {
            let counter = self.counter.to_le_bytes();
            self.block =
                Sha512::new().chain_update(self.seed).chain_update(counter).finalize().into();
            (self.counter, self.used) = (self.counter + 1, 0);
        }
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.block[self.used..self.used + N]);
        self.used += N;
        bytes
    }

    /// 128 bits: a false equation vanishes in the sum one time in 2¹²⁸.
    fn weight(&mut self) -> Scalar {
        Scalar::from(u128::from_le_bytes(self.take()))
    }

    fn label(&mut self) -> u8 {
        u8::from_le_bytes(self.take())
    }
}

#[cfg(test)]
mod tests;
