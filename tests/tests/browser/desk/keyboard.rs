//! From the sign-in to a ruling by keyboard alone, and with no script: whatever has the focus
//! shows it.

use saksi_tests::browser::{Browser, Key, Page, Screen};
use saksi_tests::clerk::PASSWORD;

use super::{Desk, heading, outside};
use crate::night::{DISPUTED, HELD};

/// Chooses a link or a button.
fn choose(page: &Page<'_>, role: &str, name: &str) -> anyhow::Result<()> {
    page.walk_to(role, name)?;
    page.follow(|| page.press(Key::Enter))
}

#[test]
fn from_the_sign_in_to_a_ruling_by_keyboard_alone_and_without_scripts() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[("ani", "operator", ""), ("budi", "operator", "")])?;
    desk.dispute(DISPUTED)?;
    desk.hold(HELD)?;
    let page = outside(&browser, Screen::DESKTOP)?;
    page.scripts(false)?;
    page.open(&desk.url("/")?)?;
    page.press(Key::Tab)?;
    assert_eq!(page.focused()?.name, "Langsung ke isi", "the first thing leads past the rest");
    page.walk_to("textbox", "Nama akun")?;
    page.write("ani")?;
    page.walk_to("textbox", "Kata sandi")?;
    page.write(PASSWORD)?;
    page.follow(|| page.press(Key::Enter))?;
    assert_eq!(heading(&page)?, "Ringkasan");
    assert!(page.text()?.contains("Keadaan pada"), "how old it is: {}", page.text()?);
    choose(&page, "link", "Belum masuk")?;
    assert!(page.text()?.contains("dari 690 formulir belum masuk"), "{}", page.text()?);
    choose(&page, "link", "Perlu putusan")?;
    choose(&page, "link", "Sengketa 1")?;
    choose(&page, "link", "TPS 003")?;
    page.walk_to("radio", "Hitung formulir 1 seperti tertulis")?;
    page.press(Key::Space)?;
    // Arrows go from one choice to the next, as they do everywhere.
    page.press(Key::Down)?;
    assert_eq!(page.focused()?.name, "Hitung formulir 2 seperti tertulis");
    page.walk_to("textbox", "Alasan")?;
    page.write("sesuai dengan foto")?;
    choose(&page, "button", "Lanjut ke pembacaan ulang")?;
    assert!(page.text()?.contains("sesuai dengan foto"), "it is read back: {}", page.text()?);
    choose(&page, "button", "Usulkan")?;
    assert!(page.text()?.contains("Diusulkan."), "{}", page.text()?);
    choose(&page, "button", "Keluar")?;

    page.walk_to("textbox", "Nama akun")?;
    page.write("budi")?;
    page.walk_to("textbox", "Kata sandi")?;
    page.write(PASSWORD)?;
    page.follow(|| page.press(Key::Enter))?;
    choose(&page, "link", "Usulan 1")?;
    let proposals = page.find_all("link")?;
    let proposal = proposals.iter().find(|link| link.name.contains("TPS 003"));
    choose(&page, "link", &proposal.expect("a proposal").name)?;
    page.walk_to("textbox", "Keterangan (boleh kosong; umum membacanya)")?;
    page.write("saya setuju")?;
    choose(&page, "button", "Konfirmasi")?;
    assert!(page.text()?.contains("Tercatat dalam log"), "{}", page.text()?);
    let complaints = page.complaints()?;
    assert_eq!(complaints, [""; 0]);
    Ok(())
}
