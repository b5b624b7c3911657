//! Files as they lie in the site: compressed. Making a page and compressing it is nine tenths of
//! what a publication takes, so many are made on all processors at once.

use std::io::Write as _;
use std::num::NonZero;
use std::thread::{self, ScopedJoinHandle};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::PublishFault;
use crate::web::pages::fixed::Page;

/// Views whose pages one processor makes without another being asked.
const ALONE: usize = 16;

/// A file below the root of the site, and its bytes, compressed.
pub(super) type Packed = (String, Vec<u8>);

/// Compresses a file.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packer.write_all(bytes).and_then(|()| packer.finish());
    packed.expect("memory takes everything")
}

/// The pages of these views, in their order.
pub(super) fn packed<V: Sync>(
    views: &[V],
    render: impl Fn(&V) -> askama::Result<Vec<Page>> + Sync,
) -> Result<Vec<Packed>, PublishFault> {
    let make = |views: &[V]| {
        let mut made = Vec::new();
        for view in views {
            let pages = render(view)?.into_iter();
            made.extend(pages.map(|(file, page)| (file, pack(page.as_bytes()))));
        }
        Ok::<_, askama::Error>(made)
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = views.len().div_ceil(processors).max(ALONE);
    if views.len() <= share {
        return Ok(make(views)?);
    }
    let parts: askama::Result<Vec<_>> = thread::scope(|scope| {
        let makers: Vec<_> = views.chunks(share).map(|views| scope.spawn(|| make(views))).collect();
        makers.into_iter().map(joined).collect()
    });
    Ok(parts?.into_iter().flatten().collect())
}

/// What a thread has made; its panic goes on here.
fn joined<T>(maker: ScopedJoinHandle<'_, T>) -> T {
    maker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_made_on_many_processors_are_those_made_on_one() {
        let render = |view: &u32| Ok(vec![(format!("{view}.html"), format!("<p>{view}</p>"))]);
        for many in [0, 1, 17, 64, 1_000] {
            let views: Vec<u32> = (0..many).collect();
            let expected = views
                .iter()
                .map(|view| (format!("{view}.html"), pack(format!("<p>{view}</p>").as_bytes())));
            assert_eq!(packed(&views, render).unwrap(), expected.collect::<Vec<_>>(), "{many}");
        }
    }

    #[test]
    fn one_page_that_cannot_be_made_is_a_fault() {
        let views: Vec<u32> = (0..1_000).collect();
        let render = |view: &u32| match view {
            999 => Err(askama::Error::Fmt),
            _ => Ok(Vec::new()),
        };
        assert!(packed(&views, render).is_err());
    }
}
