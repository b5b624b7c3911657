//! Sentences of the pages that say how far the count has come: shares, tiles, time, and how old
//! a page is. The others are in `proto`'s catalogue.

use saksi_proto::text::Phrase;

macro_rules! catalogue {
    ($($name:ident: $id:literal, $en:literal;)*) => {
        $(pub(super) const $name: Phrase = Phrase { id: $id, en: $en };)*

        /// All of them, with their names.
        #[cfg(test)]
        const ALL: &[(&str, Phrase)] = &[$((stringify!($name), $name)),*];
    };
}

catalogue! {
    // A percentage and what it is of.
    OF: "{0} dari {1}", "{0} of {1}";
    SHARE_OF: "Persen dari {0} suara sah.", "Percent of {0} valid votes.";
    MEANS_THIN: "Kurang dari setengah TPS di wilayah itu sudah dihitung. Sampai itu yang belum masuk lebih banyak daripada yang sudah, jadi siapa yang terbanyak masih dapat berganti.", "Less than half of the region's stations are counted. Until then more is out than in, and who has the most can still change.";
    // The tiles.
    TILES: "Wilayah sebagai petak", "The regions as tiles";
    TILES_HINT: "Satu petak untuk satu wilayah, berurut menurut kode; ini bukan peta. Petak terisi dari bawah seiring TPS dihitung. Angka besar: nomor peserta dengan suara terbanyak. Bergaris, dan tanpa nomor: belum mewakili.", "One tile for each region, in the order of codes; it is no map. A tile fills from below as stations are counted. Its large number is who has the most votes. Hatched, and without a number: not yet representative.";
    TILE_MOST: "Suara terbanyak: {0} {1}, {2} dari {3} suara sah ({4}).", "Most votes: {0} {1}, {2} of {3} valid votes ({4}).";
    TILE_SEVERAL: "Suara terbanyak sama banyak untuk beberapa peserta.", "Several have the most votes.";
    // When stations were heard.
    PROGRESS: "Masuk menurut waktu", "Arrivals over time";
    PROGRESS_SENTENCE: "{0} dari {1} TPS sudah mengirim formulir. Tiap TPS dihitung sekali, dengan formulirnya yang pertama.", "{0} of {1} stations have sent a form. Each counts once, with its first.";
    PROGRESS_ARRIVED: "Tiba di pusat", "Arrived at the centre";
    PROGRESS_SEALED: "Disegel di TPS, menurut jam perangkatnya", "Sealed at the station, by its device's clock";
    PROGRESS_TOP: "{0} TPS", "Stations: {0}";
    PROGRESS_UNTIL: "Sampai", "Until";
    PROGRESS_TABLE: "Angkanya sebagai tabel", "The numbers as a table";
    PROGRESS_UNCLEAR: "Jam perangkat tidak masuk akal di {0} TPS (lebih dari 48 jam sebelum tiba, atau 1 jam sesudahnya); TPS itu hanya ada pada waktu tiba.", "Stations whose device's clock cannot be right (more than 48 hours before arrival, or an hour after it): {0}. They are among the arrivals only.";
    // How old a page is. The reader's browser says how many minutes, of its own server.
    NEXT: "Berikutnya", "Next";
    NEXT_IF: "mulai {0}, bila ada yang baru di halaman ini", "from {0} on, if there is anything new on this page";
    STALE: "Halaman ini mungkin sudah usang: terbitan yang lebih baru terlambat {0} menit.", "This page may be out of date: a newer publication is late by {0} min.";
    UNREACHABLE: "Tidak ada hubungan dengan server. Angka di halaman ini mungkin sudah usang.", "The server cannot be reached. The numbers on this page may be out of date.";
    HALTED: "Tidak ada terbitan baru untuk saat ini. Alasannya:", "No newer publication for now. The reason:";
    // The page.
    CONTENTS: "Di halaman ini", "On this page";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_both_languages_with_the_same_values() {
        for (name, phrase) in ALL {
            assert!(!phrase.id.trim().is_empty() && !phrase.en.trim().is_empty(), "{name}");
            for value in ["{0}", "{1}", "{2}", "{3}", "{4}"] {
                assert_eq!(phrase.id.contains(value), phrase.en.contains(value), "{name}: {value}");
            }
        }
    }
}
