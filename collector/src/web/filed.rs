//! Sentences of what the static site has besides: photos, receipts, publications, the index of
//! places. The others are in `proto`'s catalogue.

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
    PHOTO_OF: "Foto kertas, {0}", "Photo of the paper, {0}";
    PHOTO_AWAITED: "belum ada di sini", "not here yet";
    PHOTO_FILE: "Berkas ini tidak dapat ditampilkan sebagai foto. Unduh:", "This file cannot be shown as a picture. Download:";
    CHECK_COMMAND: "saksi-collector log receipt ALAMAT {0}", "saksi-collector log receipt ADDRESS {0}";
    CHECK: "Perintah di samping nomor entri membuktikan dari berkas publik saja bahwa formulir itu ada dalam log, dan membuat tanda terimanya. ALAMAT adalah alamat situs ini tanpa /site/, atau direktori berisi salinan berkasnya.", "The command beside a log entry proves from the public files alone that the form is in the log, and makes its receipt. ADDRESS is that of this site without /site/, or a directory with a copy of its files.";
    // The site: its publications.
    PUBLICATIONS: "Semua publikasi", "All publications";
    MEANS_PUBLICATIONS: "Setiap kali angka diterbitkan, yang terbaru di atas: TPS dan suara yang bertambah. Ukuran log menuju catatan yang ditandatangani.", "Each time that numbers were published, the newest first: the stations and votes that it added. The size of the log leads to the signed note.";
    MORE_CONTESTS: "dan {0} jenis pemilihan lagi", "and {0} more contests";
    OLDER: "Lebih lama", "Older";
    NEWER: "Lebih baru", "Newer";
    // The site: looking up a place.
    FIND_NAMES: "Cari wilayah dan TPS menurut nama", "Find regions and stations by name";
    FIND_CODES: "Cari wilayah dan TPS menurut kode", "Find regions and stations by code";
    FIND_RANGES: "Pilih rentang yang memuatnya, seperti dalam buku alamat.", "Choose the range that it lies in, as in a printed directory.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_both_languages_with_the_same_values() {
        for (name, phrase) in ALL {
            assert!(!phrase.id.trim().is_empty() && !phrase.en.trim().is_empty(), "{name}");
            assert_eq!(phrase.id.contains("{0}"), phrase.en.contains("{0}"), "{name}");
        }
    }
}
