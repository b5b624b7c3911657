//! What the centre has said, a record a contest. Keys begin with the hash of the log's key:
//! an entry's number means nothing in another log.

use saksi_proto::codec::{decode, encode};
use saksi_proto::digest::Digest;

use super::{Store, StoreFault};
use crate::delivery::Delivery;
use crate::notices::Kept;

/// Begins the keys of these records.
const NOTICE: &[u8] = b"notice ";

impl Store {
    /// Entries of the log that were looked through for what is kept; 0 if nothing is.
    ///
    /// # Errors
    /// [`StoreFault`] if the records cannot be read.
    pub(crate) fn noticed(&self) -> Result<u64, StoreFault> {
        let record = self.records.memory(&self.notice_key(""))?;
        Ok(record.and_then(|record| decode(&record).ok()).unwrap_or(0))
    }

    /// The last word on a contest, if there is one. A record that does not decode is none.
    ///
    /// # Errors
    /// [`StoreFault`] if the records cannot be read.
    pub(crate) fn notice(&self, contest: &str) -> Result<Option<Kept>, StoreFault> {
        let record = self.records.memory(&self.notice_key(contest))?;
        Ok(record.and_then(|record| decode(&record).ok()))
    }

    /// Keeps what was said, each in the place of what was said before of its contest, and how
    /// forms stand by it. When this returns, it survives a power cut.
    ///
    /// # Errors
    /// [`StoreFault`]; it is asked for again.
    pub(crate) fn take_notices(
        &mut self,
        up_to: u64,
        kept: &[Kept],
        changes: Vec<(Digest, Delivery)>,
    ) -> Result<(), StoreFault> {
        self.check_whole()?;
        let record = |kept: &Kept| (self.notice_key(kept.notice.contest.as_str()), encode(kept));
        let mut rows: Vec<_> = kept.iter().map(record).collect();
        rows.push((self.notice_key(""), encode(&up_to)));
        let deliveries = changes.clone();
        self.commit(move |records| {
            rows.into_iter().try_for_each(|(key, record)| records.put_memory(key, record))?;
            deliveries.iter().try_for_each(|(form, delivery)| records.put_delivery(*form, delivery))
        })?;
        for (form, delivery) in changes {
            self.ledger.change(form, delivery);
        }
        Ok(())
    }

    fn notice_key(&self, contest: &str) -> Vec<u8> {
        let log = Digest::of(self.log_key.to_string().as_bytes());
        [NOTICE, &log.0, contest.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::notice::Notice;

    use super::*;
    use crate::testing::Device;

    #[test]
    fn what_was_said_of_one_log_is_not_said_of_another() {
        let device = Device::new();
        let identity = crate::identity::Identity::open(&device.directory()).unwrap();
        let mut store = Store::open(&device.directory(), &identity).unwrap();
        let (contest, questions) = ("ppwp".parse().unwrap(), Vec::new());
        let notice = Notice { contest, index: 7, standing: None, ruling: None, questions };
        let kept = Kept { told_ms: 9, form: Digest([1; 32]), notice };
        store.take_notices(41, std::slice::from_ref(&kept), Vec::new()).unwrap();
        assert_eq!((store.noticed().unwrap(), store.notice("ppwp").unwrap()), (41, Some(kept)));
        "saksi.test/other".clone_into(&mut store.log_key.origin);
        assert_eq!((store.noticed().unwrap(), store.notice("ppwp").unwrap()), (0, None));
    }
}
