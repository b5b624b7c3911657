//! What every page of ours keeps to.

use anyhow::ensure;

use super::{Media, Page};

/// How much a page may cost whoever has nothing of it yet.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// Bytes on the wire, with style, pictures and scripts.
    pub bytes: u64,
    /// Requests.
    pub requests: usize,
}

impl Page<'_> {
    /// Takes a picture by this name, and looks whether the page as it is now keeps to all of
    /// this: axe finds nothing; nothing was asked of another origin; no error, no issue; it is
    /// no wider than the screen; its budget holds.
    ///
    /// # Errors
    /// All that it does not keep to, with its address and the name of the picture.
    pub fn keeps_to(&self, manners: &Manners, picture: &str) -> anyhow::Result<()> {
        // What costs and complains is the page, not what looks at it below.
        let (traffic, mut faults) = (self.traffic()?, self.complaints()?);
        faults.extend(self.axe()?);
        self.picture(picture)?;
        let url = self.url()?;
        let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
        faults.extend(traffic.foreign(&origin).iter().map(|url| format!("foreign: {url}")));
        let (requests, bytes) = traffic.cost();
        if bytes > manners.bytes || requests > manners.requests {
            faults.push(format!("{bytes} bytes in {requests} requests, of {manners:?}"));
        }
        let too_wide = self.sticks_out()?;
        if too_wide > 0 {
            faults.push(format!("{too_wide} px wider than the screen"));
        }
        ensure!(faults.is_empty(), "{url} ({picture}.png):\n{}", faults.join("\n"));
        Ok(())
    }

    /// Takes a picture by this name, with `-dark` behind it, and looks whether axe finds
    /// nothing in the colours of the dark. The page is light again afterwards.
    ///
    /// # Errors
    /// What it finds, with the page's address and the name of the picture.
    pub fn keeps_to_in_the_dark(&self, picture: &str) -> anyhow::Result<()> {
        self.media(Media::Dark)?;
        let faults = self.axe_colours()?;
        self.picture(&format!("{picture}-dark"))?;
        self.media(Media::Light)?;
        let url = self.url()?;
        ensure!(faults.is_empty(), "{url} ({picture}-dark.png):\n{}", faults.join("\n"));
        Ok(())
    }
}
