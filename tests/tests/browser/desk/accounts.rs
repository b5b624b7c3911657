//! Accounts: an admin gives one out, it is used, and it is ended.

use saksi_tests::browser::{Browser, Page, Screen};

use super::{
    Desk, MANNERS, SRI, follow, heading, is_refused, outside, press, sign_in, signed_in, string,
    unfold,
};
use crate::night::VILLAGE;

/// Fills the sheet of a new account, and sends it.
fn add(page: &Page<'_>, name: &str, full_name: &str, region: &str) -> anyhow::Result<()> {
    let sheet = "Nama lengkap, seperti di catatan publik";
    page.find("textbox", "Nama akun")?.write(name)?;
    page.find("textbox", sheet)?.write(full_name)?;
    page.find("combobox", "Peran")?.call("function () { this.value = 'operator' }")?;
    // The second of this name is that of the wall views.
    let mut regions = page.find_all("textbox")?;
    regions.retain(|at| at.name == "Kode wilayah (kosong: seluruhnya)");
    regions[0].write(region)?;
    press(page, "Tambah akun")
}

#[test]
fn an_operator_gets_an_account_makes_it_her_own_and_it_is_ended() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI])?;
    let sri = signed_in(&browser, &desk.collector, "sri", Screen::DESKTOP)?;
    follow(&sri, "Akun")?;
    add(&sri, "dewi", "Dewi Lestari", "8207 012")?;
    assert!(sri.text()?.contains("Tidak ada wilayah dengan kode itu"), "{}", sri.text()?);
    sri.open(&desk.url("/accounts")?)?;
    add(&sri, "dewi", "Dewi Lestari", VILLAGE)?;
    sri.keeps_to(&MANNERS, "desk-account-made")?;
    let password = string(&sri, "document.getElementById('made').innerText")?;
    assert!(sri.text()?.contains(&format!("Gotalamo ({VILLAGE})")), "{}", sri.text()?);
    sri.open(&desk.url("/accounts")?)?;
    assert!(!sri.text()?.contains(&password), "it is shown once");

    let dewi = outside(&browser, Screen::PHONE)?;
    dewi.open(&desk.url("/")?)?;
    sign_in(&dewi, "dewi", &password)?;
    assert!(dewi.text()?.contains("Dewi Lestari · Operator · Gotalamo"), "{}", dewi.text()?);
    assert!(dewi.find_all("link")?.iter().all(|tab| tab.name != "Akun"), "she gives out none");
    assert_eq!(heading(&dewi)?, "Kata sandi baru", "sri knows this one");
    follow(&dewi, "Belum masuk")?;
    assert_eq!(heading(&dewi)?, "Kata sandi baru", "and nothing else opens before");
    dewi.keeps_to(&MANNERS, "desk-password-first")?;
    let own = "perahu kertas di teluk daruba";
    for (name, typed) in
        [("Kata sandi sekarang", &*password), ("Kata sandi baru", own), ("Sekali lagi", own)]
    {
        dewi.find("textbox", name)?.write(typed)?;
    }
    press(&dewi, "Kata sandi baru")?;
    sign_in(&dewi, "dewi", own)?;
    assert_eq!(heading(&dewi)?, "Ringkasan");

    // A name means one person for all time.
    add(&sri, "dewi", "Dewi Sartika", "")?;
    assert!(sri.text()?.contains("Nama akun ini sudah, atau pernah, dipakai."));
    sri.open(&desk.url("/accounts")?)?;
    // Nothing is ended by one press, and her own account by none.
    assert!(sri.find_all("button")?.iter().all(|at| !at.name.starts_with("Akhiri")));
    unfold(&sri, "Ubah sri")?;
    unfold(&sri, "Ubah dewi")?;
    sri.find("button", "Kata sandi baru sri")?;
    assert!(sri.find_all("button")?.iter().all(|at| at.name != "Akhiri sri"), "not her own");
    press(&sri, "Akhiri dewi")?;
    assert!(sri.text()?.contains("Berakhir"), "{}", sri.text()?);
    follow(&dewi, "Belum masuk")?;
    assert_eq!(heading(&dewi)?, "Masuk", "she is out at once");
    sign_in(&dewi, "dewi", own)?;
    is_refused(&dewi, 403)?;
    Ok(())
}
