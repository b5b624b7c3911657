//! What the pages for watchers say besides: how far the count has come, how old a page is, and
//! what the static site has of photos, receipts, publications and places.

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
    // The map.
    MAP: "Peta wilayah", "The regions as a map";
    MAP_HINT: "Satu bidang untuk satu wilayah: makin penuh warnanya, makin banyak TPS yang sudah dihitung. Angka di dalamnya: nomor peserta dengan suara terbanyak. Bergaris, dan tanpa nomor: belum mewakili. Lingkaran menandai wilayah yang terlalu kecil untuk dilihat. Semua angkanya ada dalam tabel.", "One area for each region: the fuller its colour, the more of its stations are counted. The number in it is who has the most votes. Hatched, and without a number: not yet representative. A circle marks a region that is too small to be seen. The table has all the numbers.";
    MAP_COUNTED: "TPS yang sudah dihitung", "Stations counted";
    MAP_NONE: "belum ada", "none";
    MAP_BELOW: "di bawah {0}\u{a0}%", "below {0}%";
    MAP_THIN: "belum mewakili", "not yet representative";
    MAP_ALL: "semua", "all";
    MAP_BESIDE: "Tidak ada di peta", "Not on the map";
    MAP_CREDIT: "Batas wilayah: {0}", "Boundaries: {0}";
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
    // Photos and receipts.
    PHOTO_OF: "Foto kertas, {0}", "Photo of the paper, {0}";
    PHOTO_AWAITED: "belum ada di sini", "not here yet";
    PHOTO_FILE: "Berkas ini tidak dapat ditampilkan sebagai foto. Unduh:", "This file cannot be shown as a picture. Download:";
    CHECK_COMMAND: "saksi-collector log receipt ALAMAT {0}", "saksi-collector log receipt ADDRESS {0}";
    CHECK: "Perintah di samping nomor entri membuktikan dari berkas publik saja bahwa formulir itu ada dalam log, dan membuat tanda terimanya. ALAMAT adalah alamat situs ini tanpa /site/, atau direktori berisi salinan berkasnya.", "The command beside a log entry proves from the public files alone that the form is in the log, and makes its receipt. ADDRESS is that of this site without /site/, or a directory with a copy of its files.";
    // The site: everything at once.
    ALL_STATIONS: "Semua TPS dalam satu berkas (CSV, JSON)", "All stations in one file (CSV, JSON)";
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
