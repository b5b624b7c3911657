//! Sentences of the catalogue with something put into them, and those of the agent alone.

use std::fmt::Display;

use saksi_proto::text::{Language, Phrase};

macro_rules! sentences {
    ($($name:ident: $id:literal, $en:literal;)*) => {
        $(
            #[doc = $en]
            pub const $name: Phrase = Phrase { id: $id, en: $en };
        )*
        /// All of them, for the test that none lacks a language.
        #[cfg(test)]
        const ALL: &[(&str, Phrase)] = &[$((stringify!($name), $name)),*];
    };
}

sentences! {
    PHOTO_HEIC: "Foto berformat HEIC, yang tidak dapat dibaca di sini. Pilih JPEG (“paling kompatibel”) pada pengaturan kamera, lalu foto ulang.", "The photo is in the HEIC format, which cannot be read here. Choose JPEG (“most compatible”) in the camera's settings and take it again.";
    PHOTO_NOT_JPEG: "Berkas ini bukan foto JPEG. Ambil foto dengan kamera, bukan tangkapan layar atau dokumen.", "This file is no JPEG photo. Take it with the camera; a screenshot or a document is not taken in.";
    PHOTO_DAMAGED: "Berkas foto rusak atau tidak utuh. Foto ulang.", "The photo's file is damaged or not whole. Take the photo again.";
    PHOTO_TOO_MANY_BYTES: "Berkas foto lebih dari 32 MiB. Pilih ukuran yang lebih kecil pada kamera, lalu foto ulang.", "The photo's file is larger than 32 MiB. Choose a smaller size in the camera and take it again.";
    PHOTO_TOO_MANY_PIXELS: "Foto lebih dari 65 megapiksel (atau 16, bila JPEG progresif). Pilih ukuran yang lebih kecil pada kamera, lalu foto ulang.", "The photo has more than 65 megapixels (or 16, if it is a progressive JPEG). Choose a smaller size in the camera and take it again.";
    PHOTO_SMALL: "Foto kecil; angka mungkin tidak terbaca. Pilih ukuran yang lebih besar pada kamera, atau foto dari lebih dekat.", "The photo is small; digits may not be readable. Choose a larger size in the camera, or go nearer.";
    PHOTO_DARK: "Foto gelap. Tambah cahaya atau nyalakan lampu kilat, lalu foto ulang.", "The photo is dark. Bring more light or turn the flash on, and take it again.";
    PHOTO_OVEREXPOSED: "Foto terlalu terang; tulisan hampir hilang. Hindari cahaya langsung, lalu foto ulang.", "The photo is too bright; the writing is nearly gone. Keep direct light away and take it again.";
    PHOTO_BLURRED: "Foto kabur, atau tidak ada tulisan yang terlihat. Pegang dengan tenang, ketuk layar agar fokus, lalu foto ulang.", "The photo is blurred, or shows no writing. Hold still, tap the screen to focus, and take it again.";
    PHOTO_TAKEN_IN: "Foto {0}: {1} × {2} piksel, {3} KB (asli {4} KB), tanpa lokasi dan data lain", "Photo {0}: {1} × {2} pixels, {3} KB (original {4} KB), without place or other data";
    PHOTO_AS_IS: "Foto {0}: {1} KB, apa adanya. Lokasi, waktu, dan data lain di dalam berkas ikut tersimpan dan terkirim, dan dapat dibaca siapa pun yang menerimanya.", "Photo {0}: {1} KB, as it is. Place, time and other data in the file are kept and sent with it, and can be read by whoever receives it.";
    PHOTO_DIGEST: "  SHA-256 {0}", "  SHA-256 {0}";
    PHOTO_WARNING: "  Perhatian ({1}): {0}", "  Mind ({1}): {0}";
    PHOTO_REFUSED: "Belum tersimpan. {0}: {1} ({2})", "Not stored. {0}: {1} ({2})";
    NOTICE_ASKED: "Pusat meminta: periksa lagi {0}.", "The centre asks: look again at {0}.";
    NOTICE_LINES: "baris {0}", "line {0}";
    NOTICE_WHOLE: "seluruh formulir", "the whole form";
    NOTICE_ANSWERED: "Koreksi Anda adalah jawabannya; koreksi itu menunggu dikirim.", "Your correction is the answer; it waits to be sent.";
    NOTICE_HELD: "Ditahan karena {0}: {1} Belum dijumlahkan sampai diputuskan.", "Held because of {0}: {1} It is in no total until somebody rules on it.";
    NOTICE_ACCEPTED: "Diputuskan: dihitung seperti tertulis.", "Ruled: counted as written.";
    NOTICE_REJECTED: "Diputuskan: formulir ini tidak dihitung.", "Ruled: this form is not counted.";
    NOTICE_OTHER_ACCEPTED: "Diputuskan: formulir lain dari TPS ini yang dihitung ({0}), bukan formulir ini.", "Ruled: another form of this station is counted ({0}), and not this one.";
    NOTICE_WITHDRAWN: "Putusan sebelumnya ditarik kembali.", "The ruling before was withdrawn.";
    NOTICE_SUPERSEDED: "Di pusat, koreksi yang bukan dari perangkat ini sudah menggantikan formulir ini. Bila Anda tidak mengetahuinya, hubungi petugas pusat.", "At the centre a correction that is not this device's has taken the place of this form. If you do not know of it, call the centre.";
    NOTICE_SOURCE: "Kata pusat, {0} · nomor {1} di catatan umum", "The centre's word, {0} · entry {1} of the public log";
    NOTICE_FROM: "Kata {2} di pusat, {0} · nomor {1} di catatan umum", "The word of {2} at the centre, {0} · entry {1} of the public log";
    PHOTO_REFUSED_HINT: "Bila berkas ini harus tetap seperti aslinya, pakai --as-is.", "If this file must stay as it is, use --as-is.";
}

/// The sentence in a language, `{0}`, `{1}` … replaced by the values.
#[must_use]
pub fn fill(phrase: Phrase, language: Language, values: &[&dyn Display]) -> String {
    let mut sentence = phrase.in_language(language).to_owned();
    for (at, value) in values.iter().enumerate() {
        sentence = sentence.replace(&format!("{{{at}}}"), &value.to_string());
    }
    sentence
}

/// A text from the network, fit for a screen: what would move a cursor, hide letters or turn
/// their order round is a space, and it is at most so many bytes long.
#[must_use]
pub fn cleaned(text: &str, limit: usize) -> String {
    let is_unseen = |letter: char| {
        let turns = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
        letter.is_control() || turns || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let seen = text.chars().map(|letter| if is_unseen(letter) { ' ' } else { letter });
    shortened(seen.collect::<String>().trim(), limit)
}

/// The first `limit` bytes of a text, cut between characters.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_both_languages() {
        for (name, phrase) in ALL {
            assert!(!phrase.id.trim().is_empty() && !phrase.en.trim().is_empty(), "{name}");
            let values = |text: &str| {
                (0..5).map(|at| text.contains(&format!("{{{at}}}"))).collect::<Vec<_>>()
            };
            assert_eq!(values(phrase.id), values(phrase.en), "{name}");
        }
    }

    #[test]
    fn values_stand_where_the_language_wants_them() {
        let phrase = Phrase { id: "{1} dari {0}", en: "{0}: {1}" };
        assert_eq!(fill(phrase, Language::Indonesian, &[&"a", &2]), "2 dari a");
        assert_eq!(fill(phrase, Language::English, &[&"a", &2]), "a: 2");
    }

    #[test]
    fn a_text_from_the_network_moves_no_cursor_and_turns_no_letters() {
        let hostile = "\u{1b}[2J5\r\n\u{202e}6\u{7}\u{200b}7";
        assert_eq!(cleaned(hostile, 99), "[2J5   6  7");
        assert_eq!(cleaned(" é é ", 4), "é ");
        assert_eq!(cleaned("Periksa “V.B” – 5?", 99), "Periksa “V.B” – 5?");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shortened("é é", 4), "é ");
        assert_eq!(shortened("abc", 9), "abc");
    }
}
