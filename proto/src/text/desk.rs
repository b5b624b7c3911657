//! What the desk for staff says.

catalogue! {
    DESK: "Meja petugas", "Staff desk";
    PAGES: "Halaman", "Pages";
    HOME: "Ringkasan", "Overview";
    SIGN_IN: "Masuk", "Sign in";
    SIGN_OUT: "Keluar", "Sign out";
    ACCOUNT: "Nama akun", "Account name";
    PASSWORD: "Kata sandi", "Password";
    FORGOTTEN: "Lupa kata sandi? Minta yang baru kepada admin. Sesi berakhir setelah satu jam tanpa kegiatan, dan paling lama 12 jam.", "Password forgotten? Ask an admin for a new one. A session ends after an hour without use, and after 12 hours at the latest.";
    WRONG: "Nama akun atau kata sandi tidak cocok.", "This account name and password do not go together.";
    TOO_OFTEN: "Terlalu sering salah. Coba lagi dalam {0} menit.", "Wrong too often. Try again in {0} minutes.";
    ROLE_VIEWER: "Pengamat", "Viewer";
    ROLE_OPERATOR: "Operator", "Operator";
    ROLE_ADMIN: "Admin", "Admin";
    ROLE_AUDITOR: "Auditor", "Auditor";
    // Refused.
    NOT_THERE: "Tidak ada di sini, atau di luar wilayah akun ini.", "This is not here, or outside this account's region.";
    FORBIDDEN: "Akun ini tidak berhak melakukan itu.", "This account may not do that.";
    SIGNED_OUT: "Sesi sudah berakhir. Tidak ada yang dilakukan. Masuk kembali.", "The session is over. Nothing was done. Sign in again.";
    FORGED: "Formulir ini bukan dari halaman sesi ini. Tidak ada yang dilakukan. Buka kembali halamannya.", "This form is not from a page of this session. Nothing was done. Open the page again.";
    UNFIT: "Tidak ada yang dilakukan.", "Nothing was done.";
    FAULT: "Kesalahan di pihak kami. Lihat catatan program.", "A fault on our side. See the program's log.";
    // Overview.
    COUNTED_SHARE: "Sudah dihitung", "Counted, of all";
    EXPECTED: "Diharapkan", "Expected";
    ENTRIES: "Entri catatan", "Entries of the log";
    MISSING_FORMS: "Formulir belum masuk", "Forms missing";
    AS_OF: "Keadaan pada {0}", "As of {0}";
    STALE: "Sambungan terputus: angka di bawah mungkin sudah lama. Muat ulang halaman ini.", "The connection is lost: the numbers below may be old. Load this page again.";
    CONTEST: "Jenis pemilihan", "Contest";
    // Not reported.
    MISSING: "Belum masuk", "Not reported";
    MISSING_OF: "{0} dari {1} formulir belum masuk", "{0} of {1} forms have not come";
    REGION: "Wilayah", "Region";
    STATION: "TPS", "Station";
    MISSING_CONTESTS: "Belum ada", "Missing";
    DEVICE: "Perangkat", "Device";
    LAST_SEEN: "Terakhir terhubung", "Last seen";
    NO_DEVICE: "Belum ada", "None";
    ENROLLED: "Terdaftar, belum diuji", "Enrolled, not tested";
    NEVER_SEEN: "Terdaftar, belum pernah terhubung", "Enrolled, never seen";
    TESTED: "Sudah diuji", "Tested";
    SEARCH: "Cari", "Search";
    SEARCH_HINT: "Kode atau nama TPS", "Code or name of the station";
    EVERYTHING: "Semua", "All";
    NEXT: "Berikutnya", "Next";
    FIRST: "Ke awal", "To the beginning";
    AS_CSV: "Unduh CSV", "Download CSV";
    NONE_FOUND: "Tidak ada.", "None.";
    PARTS: "Menurut wilayah", "By region";
    STATIONS: "Daftar TPS", "Stations";
}
