//! Every sentence of enrolment on the page, in Indonesian and English. Why a centre refuses
//! is in the catalogue of `saksi_proto::text`.

catalogue! {
    TITLE: "Daftarkan perangkat ini", "Enrol this device";
    LEAD: "Perangkat ini belum terdaftar untuk satu TPS pun. Siapkan lembar pendaftaran dari pusat.", "This device is not enrolled for any polling station yet. Have the slip from the centre at hand.";
    SLIP: "Teks kode QR pada lembar", "The text of the slip's QR code";
    SLIP_HINT: "Pindai kode QR dengan aplikasi kamera, salin teksnya (SAKSI:…), lalu tempel di sini.", "Scan the QR code with a camera application, copy its text (SAKSI:…) and paste it here.";
    OR_TYPED: "Atau ketik dari lembar", "Or type it from the slip";
    COLLECTOR: "Alamat pusat", "Address of the centre";
    COLLECTOR_HINT: "Seperti saksi.contoh:7443", "Such as saksi.example:7443";
    AUTHORITY: "Sidik pusat", "Fingerprint of the centre";
    AUTHORITY_HINT: "24 huruf dan angka, enam kelompok berisi empat", "24 characters, six groups of four";
    CODE: "Kode pendaftaran", "Enrolment code";
    CODE_HINT: "12 huruf dan angka, tiga kelompok berisi empat", "12 characters, three groups of four";
    STATION: "Nomor TPS", "Code of the station";
    STATION_HINT: "Hanya untuk perangkat cadangan, dan untuk permohonan sebagai berkas.", "For a spare device, and for a request as a file.";
    ASK: "Tanyakan ke pusat", "Ask the centre";
    OFFLINE: "Tidak ada jaringan?", "No network?";
    OFFLINE_HOW: "Simpan permohonan sebagai berkas, bawa ke petugas pusat, lalu pasang jawabannya di sini. Berkas itu memuat kode: jangan diperlihatkan kepada orang lain.", "Save the request as a file, carry it to the centre, then take its answer in here. The file holds the code: show it to nobody else.";
    REQUEST: "Simpan permohonan sebagai berkas", "Save the request as a file";
    ANSWER: "Berkas jawaban dari pusat", "The centre's answer, a file";
    ANSWER_TAKE: "Pasang jawaban ini", "Take this answer in";
    IS_IT_YOURS: "Benar ini TPS Anda?", "Is this your station?";
    LOOK: "Bandingkan nama dan nomornya dengan surat tugas. Setelah “Ya”, perangkat ini berbicara untuk TPS ini.", "Compare name and code with your letter of appointment. After “Yes” this device speaks for this station.";
    YES: "Ya, ini TPS kami", "Yes, this is our station";
    NO: "Bukan", "No";
    NO_DONE: "Tidak didaftarkan. Kode pada lembar belum terpakai.", "Not enrolled. The code on the slip is not used up.";
    BEGUN: "Pendaftaran sudah dimulai", "The enrolment was begun";
    BEGUN_HOW: "Kuncinya sudah dibuat di perangkat ini. Lanjutkan kapan saja; kode yang sama tetap berlaku untuk perangkat ini.", "Its key was made on this device. Go on at any time; the same code works for this device.";
    GO_ON: "Lanjutkan pendaftaran", "Go on enrolling";
    GIVE_UP: "Batalkan, dan mulai dengan lembar lain", "Give it up, and begin with another slip";
    GIVE_UP_SURE: "Kunci yang dibuat akan dihapus. Bila pusat sudah menerima kodenya, kode itu terpakai dan Anda perlu kode baru.", "The key that was made will be deleted. If the centre has had the code already, it is used up and you need a new one.";
    NO_LINK: "Belum terdaftar. {0} Coba lagi; kode yang sama tetap berlaku.", "Not enrolled yet. {0} Try again; the same code still works.";
    WAITING: "Perangkat sudah terdaftar; sertifikatnya masih menunggu tanda tangan. Coba lagi dalam {0} detik.", "The device is enrolled; its certificate waits to be signed. Try again in {0} s.";
    LATER: "Pusat sedang sibuk atau terlalu banyak kode salah. Coba lagi dalam {0} detik.", "The centre is busy, or there were too many wrong codes. Try again in {0} s.";
    STATION_WANTED: "Permohonan sebagai berkas harus menyebut nomor TPS.", "A request as a file has to name the station's code.";
    STATION_WRONG: "“{0}” bukan nomor TPS.", "“{0}” is no station's code.";
    STATION_MISSING: "Kode ini untuk perangkat cadangan. Isi juga nomor TPS.", "This code is for spare devices. Give the station's code too.";
    ANSWER_MISSING: "Pilih berkas jawabannya dulu.", "Choose the answer's file first.";
    ANSWER_BAD: "Berkas itu bukan jawaban pusat untuk perangkat ini, atau rusak.", "That file is no answer of the centre to this device, or is damaged.";
    DONE: "Perangkat ini terdaftar", "This device is enrolled";
    DONE_LEAD: "Periksa keadaan perangkat, lalu kirim satu formulir gladi. Setelah tanda terimanya datang, perangkat siap.", "Look at how the device is, then send a rehearsal form. When its receipt has come, the device is ready.";
}
