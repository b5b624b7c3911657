//! Who is let in, and what is read by those who are not.

use saksi_tests::browser::{Browser, Key, Screen};
use saksi_tests::clerk::{Clerk, PASSWORD};
use saksi_tests::collector;

use super::{Desk, MANNERS, SRI, heading, is_refused, outside, press, sign_in, signed_in, string};

/// What she chooses.
const OWN: &str = "perahu kertas di teluk daruba";

/// The first admin as the handbook has it: the command line makes her a password. Gives it.
fn first_admin(desk: &Desk) -> anyhow::Result<String> {
    let dir = desk.collector.dir().to_str().expect("a path in UTF-8");
    let who = ["--full-name", "Sri Rahayu", "--role", "admin", "--generate"];
    let told = collector::succeed(&[&["staff", "add", dir, "sri"][..], &who].concat())?;
    let password = told
        .lines()
        .find_map(|line| line.strip_prefix("Its password, which is shown this once:  "));
    Ok(password.expect("a password").to_owned())
}

#[test]
fn the_first_admin_mistypes_signs_in_and_makes_the_password_her_own() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut desk = Desk::closed(&[])?;
    let password = first_admin(&desk)?;
    desk.collector.start(None)?;
    let page = outside(&browser, Screen::PHONE)?;
    // Whatever was typed as the address: who is not known is asked who he is.
    page.open(&desk.url("/accounts")?)?;
    assert!(page.url()?.ends_with("/sign-in"), "{}", page.url()?);
    page.keeps_to(&MANNERS, "desk-sign-in")?;
    sign_in(&page, "sri", "bukan kata sandi itu")?;
    let read = is_refused(&page, 403)?;
    assert!(read.contains("Nama akun, kata sandi, dan kode tidak cocok."), "{read}");
    page.picture("desk-sign-in-wrong")?;
    assert_eq!(page.find("textbox", "Nama akun")?.value()?, "sri", "typed once");
    assert_eq!(page.find("textbox", "Kata sandi")?.value()?, "", "and this anew");
    page.find("textbox", "Kata sandi")?.write(&password)?;
    page.follow(|| page.press(Key::Enter))?;
    assert!(page.text()?.contains("Sri Rahayu · Admin · Indonesia"), "{}", page.text()?);
    assert_eq!(heading(&page)?, "Kata sandi baru", "whoever stood at the terminal knows it too");
    for (old, new, again, why) in [
        (&*password, OWN, "perahu kertas", "Keduanya tidak sama."),
        ("bukan kata sandi itu", OWN, OWN, "Kata sandi sekarang salah"),
        (&*password, "1111111111111111", "1111111111111111", "mudah ditebak"),
    ] {
        for (name, typed) in
            [("Kata sandi sekarang", old), ("Kata sandi baru", new), ("Sekali lagi", again)]
        {
            page.find("textbox", name)?.write(typed)?;
        }
        press(&page, "Kata sandi baru")?;
        let read = is_refused(&page, 422)?;
        let alert = string(&page, "document.querySelector('[role=alert]').innerText")?;
        assert!(alert.contains(why), "{why}: {read}");
    }
    for (name, typed) in
        [("Kata sandi sekarang", &*password), ("Kata sandi baru", OWN), ("Sekali lagi", OWN)]
    {
        page.find("textbox", name)?.write(typed)?;
    }
    press(&page, "Kata sandi baru")?;
    assert_eq!(heading(&page)?, "Masuk", "all her sessions are over");
    sign_in(&page, "sri", &password)?;
    is_refused(&page, 403)?;
    sign_in(&page, "sri", OWN)?;
    assert_eq!(heading(&page)?, "Ringkasan");
    Ok(())
}

#[test]
fn who_guesses_reads_when_to_come_again() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI])?;
    let mut guesser = Clerk::outside(&desk.collector)?;
    let mut guess = || guesser.sign_in("sri", "a guess, and a wrong one").map(|it| it.status);
    // Twenty, and one more every three minutes, which a slow machine may take.
    let mut looked_at = 0;
    while guess()? == 403 {
        looked_at += 1;
        assert!(looked_at < 60, "nobody is held back");
    }
    let page = outside(&browser, Screen::PHONE)?;
    page.open(&desk.url("/sign-in")?)?;
    sign_in(&page, "sri", PASSWORD)?;
    let read = is_refused(&page, 429)?;
    page.picture("desk-sign-in-throttled")?;
    let minutes = ["1 menit", "2 menit", "3 menit"];
    let said = minutes.map(|time| format!("Terlalu sering salah. Coba lagi dalam {time}."));
    assert!(said.iter().any(|said| read.contains(said)), "{read}");
    Ok(())
}

#[test]
fn a_session_that_is_over_does_nothing_and_shows_nothing() -> anyhow::Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let desk = Desk::open(&[SRI, ("tuti", "admin", "")])?;
    let sri = signed_in(&browser, &desk.collector, "sri", Screen::DESKTOP)?;
    sri.open(&desk.url("/accounts")?)?;
    assert!(sri.text()?.contains("tuti of the sample"));
    press(&sri, "Keluar")?;
    assert_eq!(heading(&sri)?, "Masuk");
    // The next one at this machine presses “back”.
    sri.follow(|| sri.evaluate("history.back()").map(drop))?;
    assert_eq!(heading(&sri)?, "Masuk", "{}", sri.text()?);

    let tuti = signed_in(&browser, &desk.collector, "tuti", Screen::PHONE)?;
    tuti.open(&desk.url("/accounts")?)?;
    let dir = desk.collector.dir().to_str().expect("a path in UTF-8");
    collector::succeed(&["staff", "end", dir, "tuti"])?;
    tuti.find("textbox", "Nama, misalnya tempatnya")?.write("aula")?;
    press(&tuti, "Buat tautan")?;
    let read = is_refused(&tuti, 403)?;
    tuti.picture("desk-signed-out")?;
    assert!(read.contains("Sesi sudah berakhir. Tidak ada yang dilakukan. Masuk kembali."));
    tuti.open(&desk.url("/accounts")?)?;
    assert_eq!(heading(&tuti)?, "Masuk");
    sign_in(&tuti, "tuti", PASSWORD)?;
    is_refused(&tuti, 403)?;
    let walls = collector::succeed(&["staff", "wall", "list", dir])?;
    assert!(!walls.contains("aula"), "{walls}");
    Ok(())
}
