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
    // Devices.
    DEVICES: "Perangkat", "Devices";
    STATE: "Keadaan", "State";
    STATE_NO_CODE: "Tanpa kode", "No code";
    STATE_CODE_OPEN: "Kode berlaku", "Code given out";
    STATE_CODE_EXPIRED: "Kode habis masa berlakunya", "Code expired";
    STATE_REVOKED: "Dicabut", "Revoked";
    SAW_OTHER_LOG: "Melihat catatan lain", "Has seen another log";
    ONLY: "Hanya", "Only";
    SILENT_HOURS: "Tidak terhubung (jam)", "Not seen for (hours)";
    ENDING_DAYS: "Sertifikat berakhir dalam (hari)", "Certificate ends within (days)";
    CLOCK_OFF_SECONDS: "Jam meleset lebih dari (detik)", "Clock off by more than (seconds)";
    VERSION: "Versi", "Version";
    CLOCK_OFF: "Selisih jam", "Clock off by";
    VALID_UNTIL: "Sertifikat berlaku sampai", "Certificate valid until";
    CODE_UNTIL: "Kode berlaku sampai", "Code valid until";
    ENROLLED_AT: "Terdaftar sejak", "Enrolled";
    TESTED_AT: "Diuji", "Tested";
    LOOKED_TO: "Dicari sampai TPS {0}. “Berikutnya” meneruskan.", "Searched up to station {0}. “Next” goes on.";
    REASON: "Alasan (tercatat selamanya di catatan publik)", "Reason (stands in the public log for ever)";
    REVOKE: "Cabut perangkat", "Revoke the device";
    REVOKE_HINT: "Yang masih dikirim perangkat ini disimpan sebagai bukti dan tidak dihitung. Formulir yang sudah masuk tetap berlaku.", "What this device still sends is kept as evidence and not counted. Forms that have come stand.";
    REPLACE: "Ganti: cabut dan buat kode baru", "Replace: revoke, and make a new code";
    REPLACE_HINT: "Kode baru berlaku 14 hari dan hanya ditampilkan sekali.", "The new code is valid for 14 days and shown once.";
    REVOKED_NOW: "Perangkat sudah dicabut.", "The device is revoked.";
    NEW_CODE: "Kode baru. Catat sekarang: tidak akan ditampilkan lagi.", "The new code. Write it down now: it is not shown again.";
    SLIP_TEXT: "Teks lembar", "Text of the slip";
    SAY_WHY: "Tulis alasannya; alasan itu tercatat selamanya.", "Say why; the reason stands in the log for ever.";
}
