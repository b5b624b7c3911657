//! The catalogue: every sentence that Saksi itself shows to people, in Indonesian
//! and English. (The election's own words, its lines, rules and names, are in its
//! definition.)

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// Indonesian.
    pub id: &'static str,
    /// English.
    pub en: &'static str,
}

impl Phrase {
    /// The sentence in a language.
    #[must_use]
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Indonesian => self.id,
            Language::English => self.en,
        }
    }
}

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Bahasa Indonesia, `id`.
    #[default]
    Indonesian,
    /// English, `en`.
    English,
}

impl Language {
    /// The language of a code such as `id` or `en_GB.UTF-8`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code.get(..2)? {
            "id" => Some(Language::Indonesian),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// BCP 47 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::Indonesian => "id",
            Language::English => "en",
        }
    }
}

macro_rules! catalogue {
    ($($name:ident: $id:literal, $en:literal;)*) => {
        $(
            #[doc = $en]
            pub const $name: $crate::text::Phrase = $crate::text::Phrase { id: $id, en: $en };
        )*

        /// Every sentence with its name, for tests and translators.
        pub const ALL: &[(&str, $crate::text::Phrase)] = &[$((stringify!($name), $name)),*];
    };
}

pub mod cases;
pub mod desk;
pub mod site;

catalogue! {
    // Enrolment refused: what happened, and what to do.
    ENROL_UNKNOWN_CODE: "Kode ini tidak dikenal atau sudah ditarik. Periksa kode pada lembar, atau minta kode baru kepada petugas pusat.", "This code is not known, or was withdrawn. Check it against the slip, or ask the centre for a new one.";
    ENROL_CODE_USED: "Kode ini sudah dipakai perangkat lain. Hubungi petugas pusat segera bila itu bukan perangkat TPS Anda.", "Another device has used this code. Call the centre at once if it was not your station's.";
    ENROL_CODE_EXPIRED: "Masa berlaku kode ini sudah habis. Minta kode baru kepada petugas pusat.", "This code's time is over. Ask the centre for a new one.";
    ENROL_OTHER_STATION: "Kode ini untuk TPS atau wilayah lain. Periksa nomor TPS.", "This code is for another station or region. Check the station's number.";
    ENROL_STATION_HAS_DEVICE: "TPS ini sudah punya perangkat. Minta petugas pusat mencabut perangkat lama lebih dulu.", "This station has a device already. Ask the centre to revoke it first.";
    ENROL_STATION_MISSING: "Kode ini untuk perangkat cadangan. Sebutkan nomor TPS (--station).", "This code is for spare devices. Name the station (--station).";
    ENROL_BAD_APPLICATION: "Permohonan perangkat ini rusak atau untuk pusat lain. Ulangi pendaftaran.", "This device's application is damaged, or for another centre. Enrol again.";
    ENROL_KEY_KNOWN: "Kunci perangkat ini pernah terdaftar. Hapus pendaftaran lama di perangkat, lalu daftar lagi.", "This device's key was enrolled before. Remove the old enrolment on the device and enrol again.";
    // The slip that a station is handed.
    SLIP_CODE: "Kode pendaftaran perangkat", "Device enrolment code";
    SLIP_SCAN: "Pindai dengan aplikasi, atau ketik kode di atas dan dua baris di bawah ini.", "Scan with the application, or type the code above and the two lines below.";
    SLIP_COLLECTOR: "Pusat", "Centre";
    SLIP_AUTHORITY: "Sidik jari", "Fingerprint";
    SLIP_UNTIL: "Berlaku sampai", "Valid until";
    SLIP_ONCE: "Untuk satu perangkat, satu kali. Jangan difoto atau dibagikan.", "For one device, once. Do not photograph or share it.";
    SLIP_SPARE: "Perangkat cadangan", "Spare device";
    SLIP_REHEARSAL: "GLADI", "REHEARSAL";

    // Refusals: what happened, and what to do.
    REFUSED_MALFORMED: "Formulir ini rusak dan tidak dapat dibaca pusat. Isi kembali dari kertas.", "The centre cannot read this form: it is damaged. Enter it again from the paper.";
    REFUSED_UNKNOWN_VERSION: "Formulir ini dibuat dengan versi lain. Perbarui aplikasi, lalu isi kembali.", "This form was made by another version. Update the application and enter it again.";
    REFUSED_OVERSIZE: "Formulir ini terlalu besar. Persingkat penjelasannya, lalu isi kembali.", "This form is too large. Shorten the explanation and enter it again.";
    REFUSED_BAD_SIGNATURE: "Tanda tangan formulir ini tidak cocok dengan perangkat TPS. Hubungi petugas pusat.", "The signature on this form is not that of the station's device. Call the centre.";
    REFUSED_NOT_ENROLLED: "Perangkat ini tidak terdaftar untuk TPS ini. Hubungi petugas pusat.", "This device is not enrolled for this station. Call the centre.";
    REFUSED_OTHER_STATION: "Formulir ini milik TPS lain. Kirim dari perangkat TPS tersebut.", "This form is for another station. Send it from that station's device.";
    REFUSED_UNKNOWN_STATION: "TPS pada formulir ini tidak ada dalam pemilihan ini. Hubungi petugas pusat.", "The station on this form is not in this election. Call the centre.";
    REFUSED_UNKNOWN_CONTEST: "Jenis pemilihan pada formulir ini tidak dikenal. Hubungi petugas pusat.", "The contest on this form is not in this election. Call the centre.";
    REFUSED_CONTEST_NOT_HELD: "Jenis pemilihan ini tidak diadakan di TPS ini. Hubungi petugas pusat.", "This contest is not held at this station. Call the centre.";
    REFUSED_OTHER_ELECTION: "Formulir ini diisi menurut ketentuan pemilihan yang lain. Hubungi petugas pusat.", "This form was filled under another election definition. Call the centre.";
    REFUSED_OTHER_PHASE: "Formulir gladi dan formulir resmi tidak dapat dicampur. Isi kembali pada pemilihan yang benar.", "A rehearsal form and an official election cannot mix. Enter it again in the right election.";
    REFUSED_OTHER_LINES: "Jumlah isian formulir ini tidak cocok dengan jenis pemilihannya. Hubungi petugas pusat.", "This form has other lines than its contest. Call the centre.";
    REFUSED_REVOKED: "Perangkat ini sudah dicabut atau diganti. Formulir disimpan pusat sebagai bukti dan tidak dihitung. Hubungi petugas pusat.", "This device was revoked or replaced. The centre keeps the form as evidence and does not count it. Call the centre.";
    REFUSED_TOO_MANY: "Perangkat ini sudah mengirim lebih banyak formulir daripada yang disimpan pusat. Hubungi petugas pusat.", "This device has sent more forms than the centre keeps of one. Call the centre.";
    REFUSED_UNNAMED_PHOTO: "Pusat tidak punya formulir TPS ini yang menyebut foto ini. Foto tetap tersimpan dan ditawarkan lagi.", "The centre has no form of this station that names this photo. The photo is kept and offered again.";
    REFUSED_PHOTO_TOO_LARGE: "Foto ini terlalu besar untuk pusat. Hubungi petugas pusat; angkanya tidak terpengaruh.", "This photo is too large for the centre. Call the centre; the numbers are not affected.";
    REFUSED_TOO_MANY_PHOTOS: "Pusat sudah punya terlalu banyak foto dari TPS ini. Hubungi petugas pusat; angkanya tidak terpengaruh.", "The centre has too many photos of this station already. Call the centre; the numbers are not affected.";
    // The site for watchers: on every page.
    SITE_NAME: "Saksi", "Saksi";
    SITE_TAGLINE: "hasil penghitungan per TPS", "the count, station by station";
    SITE_SKIP: "Langsung ke isi", "Skip to the content";
    SITE_LANGUAGE: "Bahasa", "Language";
    SITE_REHEARSAL: "GLADI", "REHEARSAL";
    SITE_REHEARSAL_SENTENCE: "Angka latihan, bukan hasil pemilihan.", "Practice numbers, not the result of an election.";
    SITE_PROVISIONAL: "Hasil sementara", "Provisional result";
    SITE_PROVISIONAL_REHEARSAL: "Hasil sementara gladi", "Provisional result of a rehearsal";
    SITE_PUBLISHED: "Diterbitkan", "Published";
    SITE_LAST_FORM: "Formulir terakhir tiba", "Last form arrived";
    SITE_NO_FORM: "Belum ada formulir yang tiba", "No form has arrived yet";
    SITE_LOG: "Posisi log", "Log position";
    SITE_LOG_ENTRIES: "{0} entri", "{0} entries";
    SITE_LOG_ROOT: "akar", "root";
    SITE_AS_JSON: "Angka halaman ini sebagai JSON", "The numbers of this page as JSON";
    SITE_API: "Dokumentasi API", "API documentation";
    SITE_ABOVE: "Wilayah di atasnya", "Regions above";
    SITE_CONTESTS: "Jenis pemilihan", "Contests";
    SITE_IMPOSSIBLE_TIME: "bukan waktu yang mungkin ({0} md)", "not a possible time ({0} ms)";
    // The site: a region.
    SITE_NOT_HELD_HERE: "Pemilihan ini tidak diadakan di wilayah ini.", "This contest is not held in this region.";
    SITE_COVERAGE: "Cakupan", "Coverage";
    SITE_STATIONS_COUNTED: "{0} dari {1} TPS dihitung", "{0} of {1} stations counted";
    SITE_VOTERS_COUNTED: "{0} dari {1} pemilih terdaftar ada di TPS yang dihitung", "{0} of {1} registered voters are at counted stations";
    SITE_VOTERS_UNKNOWN: "Jumlah pemilih terdaftar tidak diketahui.", "The number of registered voters is not known.";
    SITE_VOTERS_PARTLY_UNKNOWN: "Jumlah pemilih terdaftar tidak diketahui untuk {0} TPS.", "Stations whose number of registered voters is not known: {0}.";
    SITE_THIN: "Belum mewakili", "Not yet representative";
    SITE_THIN_SENTENCE: "Belum mewakili: kurang dari setengah TPS sudah dihitung. Yang masuk lebih dulu bukan gambaran keseluruhan.", "Not yet representative: less than half of the stations are counted. What comes in first is not a trend.";
    SITE_STATIONS_BY_STATE: "TPS menurut keadaannya", "Stations by how they stand";
    SITE_CORRECTED: "Dikoreksi", "Corrected";
    SITE_HELD_BY_RULE: "Aturan yang dilanggar formulir yang ditahan", "Rules that held forms break";
    SITE_VOTES: "Perolehan suara", "Votes";
    SITE_VOTES_COLUMN: "Suara", "Votes";
    SITE_NUMBER: "No.", "No.";
    SITE_CONTESTANT: "Nama", "Name";
    SITE_SHARE: "Bagian", "Share";
    SITE_NONE_COUNTED: "Belum ada formulir yang dihitung di wilayah ini.", "No form of this region is counted yet.";
    SITE_STATIONS_NOT_WRITTEN: "{0} TPS: tidak tertulis", "not written (stations: {0})";
    SITE_STATIONS_ILLEGIBLE: "{0} TPS: tidak terbaca", "illegible (stations: {0})";
    SITE_TOTALS: "Jumlah dari formulir yang dihitung", "Totals of the counted forms";
    SITE_VALID: "Suara sah", "Valid votes";
    SITE_INVALID: "Suara tidak sah", "Invalid votes";
    SITE_VOTERS: "Pengguna hak pilih", "Voters who voted";
    SITE_REGISTERED_ON_FORMS: "Pemilih terdaftar menurut formulir", "Registered voters by the forms";
    SITE_TURNOUT: "Tingkat kehadiran", "Turnout";
    SITE_DEFINITIONS: "Arti istilah", "What the words mean";
    SITE_MEANS_SHARE: "Persen dari seluruh suara sah dalam jumlah ini, dibulatkan ke sepersepuluh.", "Percent of all valid votes in these totals, rounded to a tenth.";
    SITE_MEANS_VALID: "Suara yang sah untuk salah satu peserta, menurut formulir TPS.", "Votes that are valid for one of those who stand, by the stations' forms.";
    SITE_MEANS_INVALID: "Surat suara yang dicoblos tetapi tidak sah. Persen dari suara sah dan tidak sah.", "Ballots cast that are not valid. Percent of valid and invalid votes.";
    SITE_MEANS_VOTERS: "Orang yang memilih, menurut formulir TPS yang dihitung.", "People who voted, by the forms of the counted stations.";
    SITE_MEANS_REGISTERED_ON_FORMS: "Pemilih dalam daftar, seperti tertulis pada formulir TPS yang dihitung.", "Voters on the list, as written on the forms of the counted stations.";
    SITE_MEANS_TURNOUT: "Pengguna hak pilih dibagi pemilih terdaftar, keduanya dari formulir yang sama. Dapat melewati 100 % bila ada pemilih pindahan.", "Voters who voted, of the registered voters, both of the same forms. It can pass 100% where voters moved in.";
    SITE_MEANS_COVERAGE: "TPS yang angkanya ada dalam jumlah, dari semua TPS dalam daftar yang ditetapkan sebelum pemungutan suara, dengan perubahannya yang tercatat. Persennya dibulatkan ke bawah.", "Stations whose numbers are in the totals, of all stations on the list that was fixed before voting, with its logged amendments. Its percent is rounded down.";
    SITE_PARTS: "Menurut wilayah", "By region";
    SITE_PART: "Wilayah", "Region";
    SITE_CODE: "Kode", "Code";
    SITE_SORT_HINT: "Pilih judul kolom untuk mengurutkan.", "Choose a column's heading to sort by it.";
    SITE_WHOLE_REGION: "Seluruh wilayah", "The whole region";
    SITE_LARGEST_ONLY: "Tabel ini memuat {0} peserta dengan suara terbanyak di wilayah ini. Buka suatu wilayah untuk melihat semuanya.", "This table has the {0} with the most votes in this region. Open a region to see all of them.";
    SITE_STATIONS: "TPS di wilayah ini", "Stations in this region";
    SITE_STATION: "TPS", "Station";
    SITE_STATE: "Keadaan", "How it stands";
    SITE_ACROSS: "Berbeda antarformulir", "Different from form to form";
    SITE_FINDINGS: "Temuan", "Findings";
    // The site: how a station or a form stands.
    SITE_COUNTED: "Dihitung", "Counted";
    SITE_HELD: "Ditahan", "Held";
    SITE_DISPUTED: "Disengketakan", "Disputed";
    SITE_MISSING: "Belum masuk", "Missing";
    SITE_REJECTED: "Dibatalkan", "Rejected";
    SITE_UNOPENED: "Tidak dibuka", "Did not open";
    SITE_RULED: "Diputuskan", "Ruled on";
    SITE_MEANS_REJECTED: "Putusan membatalkan formulirnya; tidak dijumlahkan sampai formulir baru tiba.", "A ruling has rejected its forms; nothing is added until a new form comes.";
    SITE_MEANS_REJECTED_FORM: "Putusan menghitung formulir lain, atau tidak satu pun.", "A ruling counts another form, or none.";
    SITE_MEANS_UNOPENED: "TPS ini tidak dibuka, jadi tidak lagi ditunggu.", "This station did not open, and is no longer expected.";
    SITE_MEANS_RULED: "Ada putusan yang berlaku atas formulirnya; sudah termasuk dalam keadaan di atas.", "A ruling on its forms stands; it is among the states above.";
    SITE_QUESTIONS: "Pertanyaan pusat, belum dijawab", "Questions of the centre, not answered yet";
    SITE_ASKED_WHOLE: "TPS diminta memeriksa kembali formulir ini.", "The station is asked to look at this form again.";
    SITE_ASKED_LINES: "TPS diminta memeriksa kembali baris", "The station is asked to look again at";
    SITE_ASKED_BY: "Ditanyakan oleh", "Asked by";
    SITE_ASKED_WHY: "Alasan", "Why";
    SITE_ASKED_AT: "Ditanyakan pada", "Asked at";
    SITE_RULINGS: "Putusan", "Rulings";
    SITE_RULING_ACCEPT: "Formulir ini dihitung seperti tertulis:", "This form is counted as written:";
    SITE_RULING_REJECT: "Tidak satu pun formulir ini dihitung.", "None of these forms is counted.";
    SITE_RULING_WITHDRAW: "Putusan sebelumnya ditarik.", "The ruling before is withdrawn.";
    SITE_RULING_STANDS: "berlaku", "stands";
    SITE_RULING_OVER: "Formulir yang diputuskan", "Forms that were ruled on";
    SITE_DECIDED_BY: "Oleh", "By";
    SITE_DECIDED_WHY: "Alasan", "Reason";
    SITE_DECIDED_AT: "Waktu", "Time";
    SITE_AMENDMENTS: "Perubahan daftar TPS", "Amendments of the register";
    SITE_AMENDED_REGISTERED: "Pemilih terdaftar: {0} menjadi {1}.", "Registered voters: {0}, amended to {1}.";
    SITE_AMENDED_UNOPENED: "TPS ini tidak dibuka.", "The station did not open.";
    SITE_AMENDED_OPENED: "TPS ini ternyata dibuka.", "The station did open after all.";
    SITE_PAUSED: "Publikasi dijeda", "Publication is paused";
    SITE_PAUSED_SINCE: "sejak {0}. Formulir tetap diterima dan dicatat. Alasan:", "since {0}. Forms are still taken in and logged. Reason:";
    SITE_EVIDENCE: "Formulir terlambat", "Late forms";
    SITE_MEANS_EVIDENCE: "Dikirim perangkat yang sudah dicabut atau diganti. Disimpan sebagai bukti, tidak dihitung.", "Sent by a device that was revoked or replaced. Kept as evidence, counted nowhere.";
    SITE_REHEARSED: "gladi", "rehearsal";
    SITE_MEANS_REHEARSED: "Formulir gladi, tidak dihitung.", "A rehearsal form, counted nowhere.";
    SITE_SUPERSEDED: "Digantikan", "Superseded";
    SITE_MEANS_COUNTED: "Angkanya ada dalam jumlah.", "Its numbers are in the totals.";
    SITE_MEANS_HELD: "Formulirnya melanggar aturan wajib dan belum dijumlahkan sampai diputuskan.", "Its form breaks a hard rule and is not added until someone rules on it.";
    SITE_MEANS_DISPUTED: "Ada beberapa formulir yang berbeda; tidak satu pun dijumlahkan sampai diputuskan.", "It has forms that differ; none is added until someone rules on them.";
    SITE_MEANS_MISSING: "Belum ada formulir yang tiba.", "No form has arrived yet.";
    SITE_MEANS_CORRECTED: "Mengirim revisi yang menggantikan formulir sebelumnya; sudah termasuk dalam keadaan di atas.", "Sent a revision that takes the place of an earlier form; it is among the states above.";
    SITE_MEANS_SUPERSEDED: "Revisi yang lebih baru telah menggantikannya.", "A later revision has taken its place.";
    // The site: a station and its forms.
    SITE_REGISTERED: "Pemilih terdaftar", "Registered voters";
    SITE_UNKNOWN: "tidak diketahui", "not known";
    SITE_REVISION: "Revisi {0}", "Revision {0}";
    SITE_LOG_INDEX: "Entri log", "Log entry";
    SITE_DEVICE_TIME: "Waktu menurut perangkat TPS", "Time by the station's device";
    SITE_ARRIVAL_TIME: "Waktu tiba di pusat", "Time of arrival at the centre";
    SITE_SUPERSEDES: "Menggantikan", "Takes the place of";
    SITE_DIGEST: "Sidik SHA-256", "SHA-256 digest";
    SITE_PHOTOS: "Foto", "Photos";
    SITE_PHOTOS_NAMED: "{0} disebut dalam formulir", "{0} named by the form";
    SITE_REASON: "Alasan koreksi", "Reason of the correction";
    SITE_EXPLANATION: "Penjelasan petugas TPS", "The officers' explanation";
    SITE_HARD: "wajib", "hard";
    SITE_WARN: "peringatan", "warning";
    SITE_FIELDS: "Isian", "Fields";
    SITE_NUMBERS: "Angka pada kertas", "Numbers on the paper";
    SITE_SECTION: "Bagian {0}", "Section {0}";
    SITE_LINE: "Baris", "Line";
    SITE_LINE_NAME: "Uraian", "What it asks for";
    SITE_AMOUNT: "Angka", "Number";
    SITE_PARTY_OWN: "Suara partai", "Votes for the party";
    SITE_PARTY_TOTAL: "Jumlah suara partai dan calon", "Party and candidates together";
    SITE_NOT_WRITTEN: "tidak tertulis", "not written";
    SITE_ILLEGIBLE: "tidak terbaca", "illegible";
    SITE_MARKED: "ditandai temuan", "marked by a finding";
    // The site: what cannot be found.
    SITE_NOTHING_HERE: "Halaman tidak ditemukan", "Page not found";
    SITE_UNKNOWN_PAGE: "Tidak ada halaman di alamat ini.", "There is no page at this address.";
    SITE_UNKNOWN_REGION: "Tidak ada wilayah dengan kode ini dalam pemilihan ini.", "This election has no region of this code.";
    SITE_UNKNOWN_STATION: "Tidak ada TPS dengan kode ini dalam pemilihan ini.", "This election has no station of this code.";
    SITE_UNKNOWN_CONTEST: "Tidak ada jenis pemilihan dengan kode ini.", "This election has no contest of this code.";
    SITE_BACK: "Kembali ke hasil seluruh wilayah", "Back to the result of the whole";
    // The site: months, for dates.
    MONTH_1: "Januari", "January";
    MONTH_2: "Februari", "February";
    MONTH_3: "Maret", "March";
    MONTH_4: "April", "April";
    MONTH_5: "Mei", "May";
    MONTH_6: "Juni", "June";
    MONTH_7: "Juli", "July";
    MONTH_8: "Agustus", "August";
    MONTH_9: "September", "September";
    MONTH_10: "Oktober", "October";
    MONTH_11: "November", "November";
    MONTH_12: "Desember", "December";

    // On the device: the phase and the station.
    PHASE_REHEARSAL: "*** GLADI – bukan hasil resmi ***", "*** REHEARSAL – not official results ***";
    PHASE_OFFICIAL: "RESMI", "OFFICIAL";
    INIT_CONTESTS: "Pemilihan di TPS ini:", "Contests at this station:";
    INIT_DONE: "Periksa nama TPS di atas. Perangkat ini sudah siap ({0}).", "Check the station's name above. This device is ready ({0}).";

    // On the device: enrolment.
    MISTYPED_SLIP: "Ini bukan teks lembar pendaftaran: SAKSI:HOST:PORT/SIDIK/KODE", "This is not the text of a slip: SAKSI:HOST:PORT/FINGERPRINT/CODE";
    MISTYPED_COLLECTOR: "“{0}” bukan alamat pusat (HOST:PORT).", "“{0}” is not the centre's address (HOST:PORT).";
    MISTYPED_CODE: "Kode pada lembar: {0}", "The code: {0}";
    MISTYPED_FINGERPRINT: "Sidik pusat pada lembar: {0}", "The fingerprint: {0}";
    MISTYPED_LENGTH: "ada {0} huruf dan angka, seharusnya {1}.", "it has {0} characters, where there must be {1}.";
    MISTYPED_SYMBOL: "“{0}” tidak mungkin; yang ada hanya angka dan huruf tanpa I, L, O dan U.", "“{0}” does not occur in it: it has digits, and letters without I, L, O and U.";
    MISTYPED_CHECK: "salah ketik; satu huruf keliru, atau dua tertukar.", "it is mistyped: a character is wrong, or two are exchanged.";
    ENROL_STATION: "Pendaftaran untuk TPS ini:", "Enrolment for this station:";
    ENROL_CONFIRM: "Benar ini TPS Anda? Ketik y atau ya, lalu Enter:", "Is this your station? Type y, then Enter:";
    ENROL_NOT_CONFIRMED: "Tidak didaftarkan. Kode pada lembar belum terpakai.", "Not enrolled. The code on the slip is not used up.";
    ENROL_NOBODY_TO_ASK: "Tidak ada yang dapat ditanya di sini (bukan terminal). Bila TPS di atas benar, ulangi dengan --yes.", "Nobody can be asked here (not a terminal). If the station above is right, repeat it with --yes.";
    ENROL_WHICH_STATION: "Kode ini untuk perangkat cadangan. Ketik nomor TPS, lalu Enter:", "This code is for spare devices. Type the station's code, then Enter:";
    ENROL_NO_SLIP: "Belum ada pendaftaran yang dimulai. Berikan teks lembar, atau --collector, --authority dan --code.", "No enrolment was begun. Give the slip's text, or --collector, --authority and --code.";
    ENROL_GOES_ON: "Pendaftaran yang sudah dimulai dilanjutkan, dengan kunci yang sama.", "The enrolment that was begun goes on, with the same key.";
    ENROL_ANOTHER_BEGUN: "Di perangkat ini sudah dimulai pendaftaran dengan lembar lain ({0}, pusat {1}). Lanjutkan dengan `saksi-agent enrol`. Untuk membatalkannya: `saksi-agent enrol --again` dengan lembar baru; lembar yang lama mungkin sudah terpakai.", "An enrolment with another slip was begun on this device ({0}, collector {1}). Go on with `saksi-agent enrol`. To give it up: `saksi-agent enrol --again` with the new slip; the old one may be used up.";
    ENROL_STATION_WANTED: "Permohonan yang dibawa sebagai berkas harus menyebut TPS: --station NOMOR.", "A request that is carried as a file has to name the station: --station CODE.";
    ENROL_WAITING: "Perangkat sudah terdaftar; sertifikatnya masih menunggu tanda tangan. Ulangi `saksi-agent enrol` dalam {0} detik, atau pakai --wait.", "The device is enrolled; its certificate waits to be signed. Repeat `saksi-agent enrol` in {0} s, or use --wait.";
    ENROL_LATER: "Pusat sedang sibuk atau terlalu banyak kode salah. Ulangi `saksi-agent enrol` dalam {0} detik, atau pakai --wait.", "The centre is busy, or there were too many wrong codes. Repeat `saksi-agent enrol` in {0} s, or use --wait.";
    ENROL_NO_LINK: "Belum terdaftar. {0} Ulangi perintah ini; kode yang sama tetap berlaku.", "Not enrolled yet. {0} Repeat this command; the same code still works.";
    ENROL_NOT_TRUSTED: "Tidak terdaftar, dan kode tidak dikirim. {0} Periksa juga alamat dan sidik pusat pada lembar.", "Not enrolled, and the code was not sent. {0} Check the address and the fingerprint on the slip too.";
    ENROL_TRIES_AGAIN: "Dicoba lagi dalam {0} detik.", "Trying again in {0} s.";
    ENROL_BAD_PAPERS: "Surat perangkat dari pusat tidak cocok: {0}. Tidak ada yang disimpan; hubungi petugas pusat.", "The papers from the centre do not fit: {0}. Nothing was kept; call the centre.";
    ENROL_REQUEST_WRITTEN: "Permohonan ditulis ke {0}. Bawa ke petugas pusat; berkas ini memuat kode, jangan diperlihatkan kepada orang lain. Jawabannya dipasang dengan `saksi-agent enrol --answer BERKAS`.", "The request was written to {0}. Carry it to the centre; it holds the code, show it to nobody else. Take its answer in with `saksi-agent enrol --answer FILE`.";

    // On the device: the self-test and the rehearsal form.
    SELF_TEST: "Pemeriksaan perangkat:", "Self-test:";
    CLOCK_WELL: "Jam: cocok dengan jam pusat.", "Clock: it agrees with the centre's.";
    CLOCK_OFF: "Jam perangkat berbeda {0} detik dari jam pusat. Setel jamnya; formulir tetap dapat dikirim.", "Clock: the device's is {0} s off the centre's. Set it; forms can be sent all the same.";
    LINK_WELL: "Jaringan: pusat menjawab.", "Link: the centre answers.";
    LINK_UNWELL: "Jaringan: {0}", "Link: {0}";
    REHEARSAL_RECEIVED: "Formulir gladi diterima pusat: nomor {0} dalam catatan, tiba {1}. Tanda terimanya terbukti.", "The centre has the rehearsal form: entry {0} of the log, arrived {1}. Its receipt is proven.";
    REHEARSAL_FAILED: "Gladi belum berhasil. {0} Ulangi: saksi-agent rehearse", "Not rehearsed. {0} Repeat it: saksi-agent rehearse";
    REHEARSAL_REFUSED: "Formulir gladi ditolak. {0} [{1}] {2}", "The rehearsal form is refused. {0} [{1}] {2}";
    STATUS_REHEARSED: "Gladi berhasil: {1}, nomor {0} dalam catatan pusat.", "Rehearsed: {1}, entry {0} of the log.";
    STATUS_NOT_REHEARSED: "Belum gladi. Bila ada jaringan: saksi-agent rehearse", "Not yet rehearsed. With a network: saksi-agent rehearse";

    // On the device: until when it is certified.
    STATUS_CERTIFIED_UNTIL: "Sertifikat perangkat berlaku sampai {0}.", "The device's certificate ends {0}.";
    DOCTOR_CERTIFICATE_WELL: "Sertifikat: masih berlaku {0} hari.", "Certificate: valid for {0} more days.";
    DOCTOR_CERTIFICATE_ENDS: "Sertifikat berakhir dalam {0} hari dan belum diperbarui. Hubungkan perangkat ke pusat; bila besok masih begini, hubungi petugas pusat.", "Certificate: it ends in {0} days and was not renewed. Connect the device to the centre; if this stays until tomorrow, call the centre.";
    DOCTOR_CERTIFICATE_ENDED: "Sertifikat perangkat sudah berakhir: pusat tidak menerima formulirnya. Hubungi petugas pusat.", "Certificate: it has ended, and the centre takes no forms. Call the centre.";

    // On the device: states of a form.
    STATE_EMPTY: "Belum diisi", "Not entered";
    STATE_STORED: "Tersimpan", "Stored";
    STATE_SENT: "Terkirim (menunggu tanda terima)", "Sent (waiting for the receipt)";
    STATE_RECEIVED: "Tanda terima", "Receipt";
    STATE_REFUSED: "Ditolak", "Refused";
    STANDING_COUNTED: "Menurut pusat: masuk hitungan.", "By the centre's word: counted.";
    STANDING_HELD: "Menurut pusat: ditahan sampai diperiksa; belum masuk hitungan.", "By the centre's word: held until someone rules on it; not counted.";
    STANDING_DISPUTED: "Menurut pusat: ada formulir lain untuk TPS ini; belum masuk hitungan. Hubungi petugas pusat.", "By the centre's word: there is another form for this station; not counted. Call the centre.";
    STANDING_REHEARSED: "Formulir gladi: tercatat di pusat, tidak dihitung di mana pun.", "A rehearsal form: in the log, and counted nowhere.";
    STANDING_REJECTED: "Menurut pusat: putusan menghitung formulir lain, atau tidak satu pun. Hubungi petugas pusat.", "By the centre's word: a ruling counts another form, or none. Call the centre.";
    STANDING_SUPERSEDED: "Menurut pusat: sudah digantikan koreksi.", "By the centre's word: a correction has taken its place.";
    STATUS_LATER_REFUSED: "Formulir sesudahnya ditolak", "A later form was refused";
    STATUS_ENTRY: "Nomor {0} dalam catatan pusat, tiba {1}.", "Entry {0} of the log, arrived {1}.";
    STATUS_LAST_FAILURE: "{0} kali dikirim. Percobaan terakhir {1}: {2}", "Handed over {0} times. Last attempt {1}: {2}";
    STATUS_NEXT_TRY: "Dicoba lagi sendiri: {0}", "Tries again by itself: {0}";
    STATUS_DUE: "Menunggu dikirim.", "Waiting to be sent.";
    STATUS_WAITING: "{0} formulir menunggu dikirim.", "{0} forms wait to be sent.";
    STATUS_NOTHING_WAITS: "Tidak ada yang menunggu dikirim.", "Nothing waits to be sent.";
    STATUS_PHOTOS: "{0} foto menunggu dikirim; foto dikirim sesudah formulirnya diterima.", "{0} photos wait to be sent; they go after the receipt of their form.";
    PHOTO_WAITING: "{0} dari {1} KiB terkirim", "{0} of {1} KiB sent";
    PHOTO_ARRIVED: "sudah di pusat ({0} KiB)", "at the centre ({0} KiB)";
    PHOTO_DAMAGED: "rusak atau hilang di perangkat ini. Foto kembali kertasnya, lalu kirim dengan koreksi.", "damaged or gone on this device. Photograph the paper again and submit it with a correction.";
    STATUS_STORES_SET_ASIDE: "Penyimpanan pernah rusak dan disusun kembali dari berkas formulir ({0} disisihkan). Hubungi petugas pusat.", "The store was damaged and rebuilt from the forms' files ({0} set aside). Call the centre.";
    STATUS_CONTRADICTIONS: "Catatan di pusat bukan yang pernah dilihat perangkat ini. Berkas bukti: {0}. Jalankan `saksi-agent doctor`, lalu hubungi petugas pusat.", "The centre's log is not the one that this device has seen. Files of evidence: {0}. Run `saksi-agent doctor`, then call the centre.";
    STATUS_FORMS_SET_ASIDE: "{0} berkas formulir rusak dan disisihkan. Hubungi petugas pusat.", "{0} form files are damaged and set aside. Call the centre.";
    REVISION: "revisi {0}", "revision {0}";

    // On the device: what was done.
    SUBMITTED: "Tersimpan: {0}, revisi {1}, kode {2}. Aman walau listrik padam.", "Stored: {0}, revision {1}, code {2}. It is safe even if the power fails.";
    SUBMITTED_FINDINGS: "Kesalahan yang tercatat:", "Recorded with it:";
    SUBMITTED_ALREADY: "Angka yang sama untuk {0} sudah tersimpan: revisi {1}, kode {2}.", "The same numbers for {0} are stored already: revision {1}, code {2}.";
    RESENT: "{0} formulir akan dikirim lagi.", "{0} forms will be sent again.";
    EXPORTED: "{0} formulir ditulis ke {1}.", "{0} forms were written to {1}.";
    SHOW_SEALED: "Ditandatangani {0} (jam perangkat)", "Signed {0} (the device's clock)";
    SHOW_SUPERSEDES: "Menggantikan {0}", "Takes the place of {0}";
    SHOW_EXPLANATION: "Penjelasan: {0}", "Explanation: {0}";
    SHOW_REASON: "Alasan koreksi: {0}", "Reason of the correction: {0}";
    SHOW_PHOTO: "Foto {0}", "Photo {0}";
    SHOW_REVISIONS: "Semua revisi:", "All revisions:";
    PARTY_OWN: "suara partai", "votes for the party";
    PARTY_TOTAL: "jumlah", "total";
    CARRIED_FORMS: "{0} formulir:", "{0} forms:";
    CARRIED_SEALED_HERE: "ditandatangani perangkat ini", "signed by this device";
    CARRIED_OTHER_STATION: "milik TPS lain; tanda tangannya diperiksa di pusat", "of another station; the centre checks its signature";
    CARRIED_NOT_SEALED_HERE: "bukan tanda tangan perangkat ini", "not signed by this device";
    CARRIED_OTHER_ELECTION: "milik pemilihan lain", "of another election";
    CARRIED_DAMAGED: "rusak", "damaged";

    // On the device: what the doctor found.
    DOCTOR_WELL: "Semuanya baik.", "All is well.";
    DOCTOR_UNWELL: "Perlu ditindaklanjuti: {0} (✗).", "To be seen to: {0} (✗).";
    DOCTOR_IDENTITY_WELL: "Identitas: TPS {0}; hanya pemiliknya yang dapat membacanya.", "Identity: station {0}; only its owner can read it.";
    DOCTOR_IDENTITY_UNUSABLE: "Identitas tidak dapat dipakai pada permulaan berikutnya: {0}", "The identity cannot be used at the next start: {0}";
    DOCTOR_OPEN_TO_OTHERS: "Pengguna lain dapat masuk ke direktori ini (mode {0}). Jalankan `chmod 700`.", "Others can enter this directory (mode {0}). Run `chmod 700` on it.";
    DOCTOR_CLOCK_WELL: "Jam: jam perangkat dipakai; tidak terlambat dari waktu yang diketahui.", "Clock: the device's own is used; it is not behind what is known.";
    DOCTOR_CLOCK_BEHIND_COLLECTOR: "Jam perangkat terlambat {0} detik dari waktu pusat; waktu pusat yang dipakai. Setel jamnya.", "Clock: the device's is {0} s behind what the centre told, which is used. Set it.";
    DOCTOR_CLOCK_BEHIND_BUNDLE: "Jam perangkat terlambat {0} detik dari waktu pendaftaran perangkat, yang dipakai sebagai gantinya. Setel jamnya.", "Clock: the device's is {0} s behind the time of its enrolment, which is used. Set it.";
    DOCTOR_DISK_WELL: "Ruang penyimpanan: {0} MiB kosong, dengan cadangan.", "Disk: {0} MiB free, and a reserve.";
    DOCTOR_DISK_NO_RESERVE: "Ruang penyimpanan: {0} MiB kosong, tanpa cadangan.", "Disk: {0} MiB free, without a reserve.";
    DOCTOR_DISK_FULL: "Ruang penyimpanan penuh ({0} MiB kosong): formulir baru tidak dapat disimpan. Hapus berkas lain.", "The disk is full ({0} MiB free): no new form can be stored. Delete other files.";
    DOCTOR_STORE_WELL: "Penyimpanan: terbuka, {0} formulir.", "Store: open, forms in it: {0}.";
    DOCTOR_STORE_BROKEN: "Penyimpanan gagal menulis; tidak ada lagi yang disimpan. Mulai ulang aplikasi.", "The store failed to write; nothing more is stored. Start the application again.";
    DOCTOR_STORE_REBUILT: "Penyimpanan pernah rusak. Formulir di dalamnya: {0}; disisihkan: {1}; diambil dari berkasnya pada permulaan ini: {2}. Hubungi petugas pusat.", "The store was damaged. Forms in it: {0}; set aside: {1}; taken in from their files at this start: {2}. Call the centre.";
    DOCTOR_FORMS_WELL: "Berkas formulir: {0} diperiksa, sidik dan tanda tangannya cocok.", "Form files: {0} checked, digest and signature are right.";
    DOCTOR_FORMS_DAMAGED: "Berkas formulir: {0} diperiksa; ditulis kembali dari penyimpanan: {1}; masih rusak: {2}; disisihkan: {3}. Hubungi petugas pusat.", "Form files: {0} checked; written again from the store: {1}; still damaged: {2}; set aside: {3}. Call the centre.";
    DOCTOR_RECEIPTS_WELL: "Tanda terima: {0} dibuktikan kembali.", "Receipts: {0} verified again.";
    DOCTOR_RECEIPTS_UNPROVEN: "Tanda terima: {0} dibuktikan kembali; hilang atau tidak terbukti: {1}. Jalankan `saksi-agent resend`.", "Receipts: {0} verified again; gone or proving nothing: {1}. Run `saksi-agent resend`.";
    DOCTOR_LOG_WELL: "Catatan di pusat: {0} baris sudah dilihat dan dibuktikan; yang datang kemudian harus melanjutkannya.", "The centre's log: {0} entries were seen and proven; what comes later must go on from them.";
    DOCTOR_LOG_CONTRADICTED: "Catatan di pusat bukan yang pernah dilihat perangkat ini ({0} baris). Formulir yang menunggu karenanya: {1}; berkas bukti: {2}. Hubungi petugas pusat dan serahkan berkas bukti; pindahkan bila sudah diserahkan.", "The centre's log is not the one that this device has seen ({0} entries). Forms that wait for it: {1}; files of evidence: {2}. Call the centre and hand the files over; move them away when that is done.";
    DOCTOR_PHOTOS_WELL: "Foto: {0} disebut dalam formulir, semuanya ada.", "Photos: {0} named by forms, all are here.";
    DOCTOR_PHOTOS_MISSING: "Foto: {0} disebut dalam formulir; hilang atau rusak: {1}. Foto kembali kertasnya.", "Photos: {0} named by forms; missing or damaged: {1}. Photograph the paper again.";

    // What a receipt proves, and its QR code.
    RECEIPT_PROVEN: "Terbukti: formulir {0} (TPS {1}, {2}, revisi {3}) ada dalam catatan pusat.", "Proven: the form {0} (station {1}, {2}, revision {3}) is in the centre's log.";
    RECEIPT_ENTRY: "Baris {0} dari catatan “{1}”.", "Entry {0} of the log “{1}”.";
    RECEIPT_ARRIVED: "Tiba {0} menurut jam pusat.", "It arrived {0} by the centre's clock.";
    RECEIPT_ENTRIES: "Saat itu catatan berisi {0} baris, dan ditandatangani dengan kuncinya.", "The log had {0} entries then, and was signed with its key.";
    RECEIPT_COSIGNED: "Keadaan catatan itu ditandatangani juga oleh {0} lembaga luar: {1}.", "That state of the log was signed by {0} witnesses of other houses too: {1}.";
    RECEIPT_COSIGNED_NOT_YET: "Keadaan catatan itu baru ditandatangani {0} dari {1} lembaga luar yang diperlukan. Tanda terima tetap berlaku.", "Of the witnesses of other houses {0} have signed that state of the log so far, and {1} are wanted. The receipt holds all the same.";
    RECEIPT_REHEARSAL: "Ini formulir latihan: tidak dihitung.", "It is a rehearsal form: it is counted nowhere.";
    RECEIPT_NOT_PROVEN: "Tidak terbukti. Periksa apakah berkas formulir, tanda terima dan kuncinya benar ({0}).", "Not proven. See whether these are the right form, receipt and key ({0}).";
    RECEIPT_NO_KEY: "Kunci catatan tidak diketahui di sini. Tulis --key dengan kunci yang diumumkan pusat (nama+id+kunci).", "The log's key is not known here. Give --key with the key that the centre has made public (origin+id+key).";
    RECEIPT_QR_TOO_LARGE: "Kode QR perlu {0} kolom dan {1} baris; layar ini hanya {2} dan {3}. Perkecil hurufnya, atau tulis gambarnya: --qr FILE.svg", "The QR code needs {0} columns and {1} lines; this terminal has {2} and {3}. Make the letters smaller, or write a drawing: --qr FILE.svg";
    RECEIPT_QR_TOO_LONG: "Tanda terima terlalu panjang untuk kode QR ({0}). Tulis ke berkas: --out FILE", "The receipt is too long for a QR code ({0}). Write it to a file: --out FILE";

    // On the device: what is deleted, and when.
    RETENTION_WOULD: "Akan dihapus: {0} formulir beserta tanda terimanya ({1} KiB). Belum ada yang dihapus; untuk menghapusnya, tambahkan --yes.", "To be deleted: {0} forms with their receipts ({1} KiB). Nothing is deleted yet; to delete them, add --yes.";
    RETENTION_DONE: "Dihapus: {0} formulir beserta tanda terimanya ({1} KiB).", "Deleted: {0} forms with their receipts ({1} KiB).";
    RETENTION_STAYS: "Tetap disimpan: belum dijawab atau ditolak {0}; tanpa tanda terima yang terbukti {1}; masih baru atau yang terbaru {2}. Foto tidak dihapus.", "Kept: waiting or refused {0}; without a proven receipt {1}; too new, or the newest {2}. Photos are not deleted.";

    // On the device and at the centre: what should be the same on all forms of a station.
    SAME_REGISTERED: "Jumlah pemilih terdaftar harus sama di semua formulir TPS ini.", "Registered voters should be the same on all forms of this station.";
    SAME_VOTERS: "Jumlah pengguna hak pilih biasanya sama di semua formulir TPS ini.", "Voters who voted are usually the same on all forms of this station.";
    SAME_OTHER: "Di formulir {0} lain.", "On the form for {0} they differ.";

    // On the device: mistakes in a typed form.
    MISTAKE_TOO_LONG: "Berkas ini terlalu besar untuk sebuah formulir ({0} byte, paling banyak {1}).", "This file is too large for a form ({0} bytes, at most {1}).";
    MISTAKE_NOT_JSON: "Baris {0}, kolom {1}: bukan JSON.", "Line {0}, column {1}: not JSON.";
    MISTAKE_NOT_AN_OBJECT: "Formulir harus berupa objek JSON {…}.", "The form has to be a JSON object {…}.";
    MISTAKE_LINES: "“lines” harus berupa objek JSON {…}.", "“lines” has to be a JSON object {…}.";
    MISTAKE_UNKNOWN_KEY: "Kunci “{0}” tidak dikenal.", "The key “{0}” is not known.";
    MISTAKE_MISSING_KEY: "Kunci “{0}” tidak ada.", "The key “{0}” is missing.";
    MISTAKE_DUPLICATE: "“{0}” tertulis dua kali.", "“{0}” stands twice.";
    MISTAKE_UNKNOWN_CONTEST: "Jenis pemilihan {0} tidak diadakan di TPS ini; yang ada: {1}.", "The contest {0} is not held at this station; there are: {1}.";
    MISTAKE_OTHER_STATION: "Formulir ini untuk TPS {0}; perangkat ini milik TPS {1}.", "This form is for station {0}; this device belongs to station {1}.";
    MISTAKE_OTHER_CONTEST: "Isian kedua untuk {0}, isian pertama untuk {1}.", "The second entry is of the contest {0}, the first of {1}.";
    MISTAKE_UNKNOWN_FIELD: "Isian “{0}” tidak ada pada formulir ini.", "The field “{0}” is not on this form.";
    MISTAKE_MEANT: "Maksudnya “{0}”?", "Did you mean “{0}”?";
    MISTAKE_MISSING_FIELDS: "Isian yang belum ada ({0}): {1}. Kotak kosong bukan nol: tulis null.", "Missing fields ({0}): {1}. Blank is not zero: write null.";
    MISTAKE_NEGATIVE: "{0}: {1} kurang dari nol.", "{0}: {1} is below zero.";
    MISTAKE_FRACTION: "{0}: {1} bukan bilangan bulat.", "{0}: {1} is not a whole number.";
    MISTAKE_TOO_LARGE: "{0}: {1} lebih dari 999.999.999.", "{0}: {1} is more than 999,999,999.";
    MISTAKE_NOT_A_COUNT: "{0}: {1} bukan angka. Tulis angka, null (kosong) atau \"illegible\" (tidak terbaca).", "{0}: {1} is not a number. Write a number, null (empty) or \"illegible\".";

    // On the device: why something was not done, and what to do.
    TROUBLE_MISTAKES: "Belum tersimpan. Yang perlu diperbaiki ({0}):", "Not stored. To be corrected ({0}):";
    TROUBLE_NEEDS_SECOND_ENTRY: "Belum tersimpan. Bagian {0} harus diisi dua kali: salin sekali lagi dari kertas tanpa melihat isian pertama, lalu --again BERKAS.", "Not stored. The lines {0} are to be typed twice: copy them from the paper once more without looking at the first, then --again FILE.";
    TROUBLE_SECOND_MISTAKES: "Belum tersimpan. Yang perlu diperbaiki di isian kedua ({0}):", "Not stored. To be corrected in the second entry ({0}):";
    TROUBLE_SECOND_DIFFERS: "Belum tersimpan. Isian pertama dan kedua tidak sama ({0}). Lihat kertas, lalu perbaiki yang salah:", "Not stored. The first and the second entry differ ({0}). Look at the paper and put right what is wrong:";
    SECOND_DIFFERS: "{0}: pertama {1}, kedua {2}", "{0}: first {1}, second {2}";
    TROUBLE_NEEDS_EXPLANATION: "Belum tersimpan. Periksa kembali dengan kertas. Bila kertasnya memang begitu, jelaskan dengan --explain:", "Not stored. Compare with the paper. If the paper says so, explain it with --explain:";
    TROUBLE_NEEDS_CORRECTION: "Belum tersimpan. {0} sudah ada (revisi {1}) dengan angka atau foto lain. Untuk mengoreksinya: --correct --reason \"…\"", "Not stored. {0} is stored already (revision {1}) with other numbers or photos. To correct it: --correct --reason \"…\"";
    TROUBLE_NEEDS_REASON: "Belum tersimpan. Tulis alasan koreksi: --reason \"…\"", "Not stored. Say why it is corrected: --reason \"…\"";
    TROUBLE_NOTHING_TO_CORRECT: "Belum tersimpan. Belum ada formulir {0} yang dapat dikoreksi; kirim tanpa --correct.", "Not stored. There is no form of {0} to correct; submit it without --correct.";
    TROUBLE_PHOTO_TOO_LARGE: "Belum tersimpan. Foto {0} lebih dari {1} MiB.", "Not stored. The photo {0} is larger than {1} MiB.";
    TROUBLE_TOO_MANY_PHOTOS: "Belum tersimpan. {0} foto; paling banyak {1}.", "Not stored. {0} photos; at most {1}.";
    TROUBLE_REMARK_TOO_LONG: "Belum tersimpan. Penjelasan atau alasan terlalu panjang ({0} byte, paling banyak {1}). Persingkat.", "Not stored. The explanation or reason is too long ({0} bytes, at most {1}). Shorten it.";
    TROUBLE_DISK_FULL: "Belum tersimpan: ruang penyimpanan penuh. Hapus berkas lain, lalu ulangi. Formulir yang sudah tersimpan tetap aman.", "Not stored: the disk is full. Delete other files and try again. The forms that are stored are safe.";
    TROUBLE_STORE: "Penyimpanan gagal ({0}). Mulai ulang aplikasi; bila terulang, hubungi petugas pusat.", "The store failed ({0}). Start the application again; if it happens again, call the centre.";
    TROUBLE_FILE: "{0}: {1}", "{0}: {1}";
    TROUBLE_OTHER_ELECTION: "Tidak ada yang dihapus. Pemilihan di perangkat ini adalah {0}, bukan {1}.", "Nothing was deleted. The election on this device is {0}, not {1}.";
    TROUBLE_NO_CONTEST: "Jenis pemilihan “{0}” tidak ada di TPS ini; yang ada: {1}.", "There is no contest “{0}” at this station; there are: {1}.";
    TROUBLE_NO_FORM: "Formulir {0} belum tersimpan.", "No form of {0} is stored.";
    TROUBLE_NO_SUCH_FORM: "Tidak ada satu formulir yang dimulai dengan “{0}” (sedikitnya 6 angka).", "There is no single form that begins with “{0}” (at least 6 digits).";
    TROUBLE_RECEIPT_DAMAGED: "Berkas tanda terima untuk {0} rusak atau hilang. Ambil kembali: saksi-agent resend {0}", "The file of the receipt for {0} is damaged or gone. Get it again: saksi-agent resend {0}";
    TROUBLE_NO_RECEIPT: "Belum ada tanda terima untuk {0}.", "There is no receipt for {0} yet.";

    // On the device: why the last attempt brought no receipt.
    REASON_NO_ADDRESS: "Alamat pusat tidak ditemukan. Periksa jaringan.", "The centre's address was not found. Check the network.";
    REASON_UNREACHABLE: "Pusat tidak terhubung. Periksa jaringan.", "The centre cannot be reached. Check the network.";
    REASON_TIMED_OUT: "Tidak ada jawaban. Jaringan mungkin sangat lambat.", "No answer came. The network may be very slow.";
    REASON_CUT_OFF: "Sambungan terputus.", "The connection was cut off.";
    REASON_NOT_TRUSTED: "Yang menjawab bukan pusat pemilihan ini. Jangan pakai jaringan ini; hubungi petugas pusat.", "What answers is not the centre of this election. Do not use this network; call the centre.";
    REASON_COLLECTOR_EXPIRED: "Masa berlaku sertifikat pusat tidak cocok dengan jam perangkat. Periksa tanggal dan jam.", "The centre's certificate is not valid at this device's time. Check the date and time.";
    REASON_DEVICE_EXPIRED: "Sertifikat perangkat ini sudah berakhir. Hubungi petugas pusat.", "This device's certificate has ended. Call the centre.";
    REASON_DEVICE_REFUSED: "Pusat tidak menerima sertifikat perangkat ini. Hubungi petugas pusat.", "The centre does not accept this device's certificate. Call the centre.";
    REASON_MISUNDERSTOOD: "Perangkat dan pusat tidak saling mengerti. Hubungi petugas pusat.", "The device and the centre do not understand each other. Call the centre.";
    REASON_UNPROVEN_RECEIPT: "Tanda terima tidak terbukti. Formulir akan dikirim lagi; hubungi petugas pusat.", "The receipt proves nothing. The form will be sent again; call the centre.";
    REASON_REVOKED: "Perangkat ini sudah dicabut atau diganti. Hubungi petugas pusat.", "This device was revoked or replaced. Call the centre.";
    REASON_ROLLED_BACK: "Catatan di pusat dikembalikan ke keadaan lama: perangkat ini sudah melihat lebih banyak. Formulir tetap di sini dan akan dikirim lagi; hubungi petugas pusat.", "The centre's log was put back to an earlier state: this device has seen more of it. The form stays here and will be sent again; call the centre.";
    REASON_OTHER_LOG: "Catatan di pusat bukan yang pernah dilihat perangkat ini. Formulir tetap di sini dan akan dikirim lagi; hubungi petugas pusat.", "The collector's log is not the one that this device has seen. The form stays here and will be sent again; call the centre.";
    REASON_CROWDED: "Perangkat ini punya terlalu banyak sambungan ke pusat.", "This device has too many connections to the centre.";
    REASON_NOT_ENROLLED: "Perangkat ini tidak terdaftar di pusat. Hubungi petugas pusat.", "This device is not enrolled at the centre. Call the centre.";
    REASON_OTHER_ELECTION: "Pusat melayani pemilihan yang lain. Hubungi petugas pusat.", "The centre serves another election. Call the centre.";
    REASON_OTHER_VERSION: "Pusat memakai versi lain. Perbarui aplikasi.", "The centre speaks another version. Update the application.";
    REASON_BUSY: "Pusat sedang sibuk.", "The centre is busy.";
    REASON_NO_ROOM: "Penyimpanan foto di pusat penuh. Foto dikirim nanti; formulir tidak terpengaruh.", "The centre has no room for photos. They are sent later; forms are not affected.";
    REASON_STOPPING: "Pusat sedang dimulai ulang.", "The centre is being restarted.";
    REASON_REFUSED_AFTER_RECEIPT: "Pusat menolak formulir yang sudah punya tanda terima. Tanda terima tetap berlaku; hubungi petugas pusat.", "The centre refused a form that has a receipt. The receipt stands; call the centre.";
    REASON_OTHER_ENTRY: "Tanda terima kedua menunjuk nomor lain. Yang pertama tetap berlaku; hubungi petugas pusat.", "A second receipt names another entry. The first one stands; call the centre.";
    REASON_NOT_KEPT: "Perangkat tidak dapat membaca atau menyimpan. Periksa ruang penyimpanan.", "The device cannot read or keep something. Check its disk.";
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_both_languages_with_the_same_values() {
        for (name, phrase) in ALL.iter().chain(desk::ALL).chain(cases::ALL).chain(site::ALL) {
            assert!(!phrase.id.trim().is_empty() && !phrase.en.trim().is_empty(), "{name}");
            for value in ["{0}", "{1}", "{2}", "{3}", "{4}"] {
                assert_eq!(phrase.id.contains(value), phrase.en.contains(value), "{name}: {value}");
            }
        }
    }

    #[test]
    fn languages_by_code() {
        assert_eq!(Language::from_code("en_GB.UTF-8"), Some(Language::English));
        assert_eq!(Language::from_code("id"), Some(Language::Indonesian));
        assert_eq!(Language::from_code("fr"), None);
        assert_eq!(Language::from_code("x"), None);
    }
}
