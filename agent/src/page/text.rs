//! Every sentence that the station's page shows, in Indonesian and English. (Why an
//! attempt failed, and what the doctor found, is in the catalogue of `saksi_proto::text`.)

catalogue! {
    // On the command line.
    SERVED: "Halaman TPS: {0}\n(Buka di peramban pada perangkat ini. Jangan dibagikan.)", "The station's page: {0}\n(Open it in a browser on this device. Do not share it.)";
    NOT_SERVED: "Halaman TPS tidak berjalan. Jalankan: saksi-agent run", "The station's page is not there. Run: saksi-agent run";

    // On every page.
    SKIP: "Langsung ke isi", "Skip to the content";
    ALL_FORMS: "Semua formulir", "All forms";
    LANGUAGE: "Bahasa", "Language";
    STATION: "TPS", "Polling station";
    REHEARSAL: "GLADI", "REHEARSAL";
    REHEARSAL_SENTENCE: "Latihan, tidak dihitung.", "An exercise, not counted.";
    SAVED_AT: "Tersimpan di perangkat pukul {0}", "Saved on this device at {0}";
    NOTHING_SAVED: "Belum ada yang disimpan.", "Nothing is saved yet.";
    BROUGHT_BACK: "Penyimpanan perangkat ini pernah rusak. Isian ini diambil dari salinannya: cocokkan setiap angka dan foto dengan kertas.", "The store of this device was damaged. What was typed came back from its copy: compare every number and photo with the paper.";
    SAVING: "Menyimpan…", "Saving…";
    NOT_SAVED: "BELUM tersimpan: aplikasi tidak menjawab. Jangan tutup halaman ini; dicoba lagi sendiri.", "NOT saved: the application does not answer. Do not close this page; it tries again by itself.";
    TIMES: "Waktu {0}. Sekarang {1}.", "Times are in {0}. It is now {1}.";

    // Where things stand.
    HOME: "Formulir TPS ini", "This station's forms";
    HOME_LEAD: "Isi dari kertas, baca ulang bersama, lalu kirim. Hanya “Tanda terima” berarti sudah sampai.", "Copy from the paper, read it back together, then send. Only “Receipt” means that it has arrived.";
    STEP_DRAFT: "Draf", "Draft";
    STEP_STORED: "Tersimpan", "Stored";
    STEP_SENT: "Terkirim", "Sent";
    STEP_RECEIVED: "Tanda terima", "Receipt";
    STEP_DONE: "sudah", "done";
    STEP_NOW: "sekarang", "now";
    STEP_TO_DO: "belum", "not yet";
    NOT_BEGUN: "Belum diisi.", "Not begun.";
    FILLED: "{0} dari {1} kotak terisi.", "{0} of {1} boxes filled.";
    IS_STORED: "Aman di perangkat ini, belum sampai ke pusat. Dikirim sendiri; tidak perlu ditekan lagi.", "Safe on this device, not at the centre yet. It is sent by itself; there is no need to press again.";
    IS_SENT: "Sudah dikirim. Menunggu tanda terima dari pusat.", "It was sent. Waiting for the centre's receipt.";
    IS_RECEIVED: "Sudah sampai: nomor {0} di catatan pusat, pukul {1}.", "It has arrived: entry {0} of the centre's log, at {1}.";
    IS_REFUSED: "DITOLAK oleh pusat: {0}", "REFUSED by the centre: {0}";
    STANDING_HELD: "Ditahan di pusat: melanggar aturan keras, belum dijumlahkan sampai diputuskan.", "Held at the centre: it breaks a hard rule and is in no total until somebody rules on it.";
    STANDING_DISPUTED: "Disengketakan di pusat: ada formulir lain dari TPS ini yang berbeda.", "Disputed at the centre: there is another form of this station, and it differs.";
    STANDING_COUNTED: "Sudah dijumlahkan di pusat.", "It is counted at the centre.";
    LAST_REASON: "Percobaan terakhir pukul {0}: {1}", "Last attempt at {0}: {1}";
    NEXT_TRY: "Dicoba lagi pukul {0}.", "The next attempt is at {0}.";
    TRY_NOW: "Coba kirim sekarang", "Try to send now";
    REHEARSE: "Gladi", "Rehearsal";
    REHEARSED: "Gladi berhasil: nomor {0} di catatan pusat, {1}.", "Rehearsed: entry {0} of the centre's log, {1}.";
    NOT_REHEARSED: "Belum gladi. Satu formulir kosong dikirim ke pusat dan tanda terimanya diperiksa; tidak dihitung di mana pun.", "Not rehearsed yet. An empty form goes to the centre and its receipt is verified; it is counted nowhere.";
    REHEARSE_NOW: "Kirim formulir gladi", "Send a rehearsal form";
    CARRY: "Tidak ada jaringan? Bawa formulirnya", "No network? Carry the forms";
    CARRY_SAVE: "Simpan semua formulir sebagai berkas", "Save all forms as a file";
    CORRECTION_BEGUN: "Koreksi sedang diisi (belum dikirim).", "A correction is being filled (not sent).";
    REVISION: "Revisi {0}", "Revision {0}";
    BEGIN: "Isi formulir", "Fill the form";
    GO_ON: "Lanjutkan mengisi", "Go on filling";
    OPEN_FORM: "Lihat formulir", "Look at the form";
    OPEN_RECEIPT: "Lihat tanda terima", "Look at the receipt";
    HEALTH: "Keadaan perangkat", "How the device is";
    WELL: "Baik", "Well";
    UNWELL: "Periksa", "See to it";
    LINK_WELL: "Sambungan ke pusat terakhir berhasil pukul {0}.", "The centre was last reached at {0}.";
    LINK_UNKNOWN: "Belum ada yang dikirim; sambungan ke pusat belum dicoba.", "Nothing was sent yet; the centre was not called.";
    LINK_TRIES: "Sambungan ke pusat: {0}", "The link to the centre: {0}";
    PHOTOS_WAIT: "Foto yang masih menunggu: {0}. Foto dikirim setelah angka.", "Photos that still wait: {0}. Photos go after the numbers.";

    // Filling.
    ENTRY_LEAD: "Salin dari kertas, jangan menghitung. Setiap angka disimpan begitu kotaknya ditinggalkan.", "Copy from the paper, do not calculate. Each number is saved as you leave its box.";
    SECTION: "Bagian {0}", "Section {0}";
    SECTIONS: "Bagian {0} sampai {1}", "Sections {0} to {1}";
    PARTY: "Partai {0}", "Party {0}";
    SHEETS: "Lembar", "Sheets";
    SHEET_OF: "Lembar {0} dari {1}", "Sheet {0} of {1}";
    SHEET_FULL: "lengkap", "complete";
    SHEET_OPEN: "belum terisi: {0}", "to fill: {0}";
    COLUMN_L: "Laki-laki (L)", "Men (L)";
    COLUMN_P: "Perempuan (P)", "Women (P)";
    COLUMN_J: "Jumlah (L+P)", "Total (L+P)";
    NUMBER: "Jumlah", "Number";
    OWN: "Suara partai", "Votes for the party";
    TOTAL: "Jumlah suara partai dan calon", "All votes of the party and its candidates";
    MARKS: "Tidak ada angka?", "No number?";
    MARK_NONE: "Kosong di kertas", "Empty on the paper";
    MARK_ILLEGIBLE: "Tidak terbaca", "Illegible";
    IS_NOT_WRITTEN: "kosong di kertas", "empty on the paper";
    IS_ILLEGIBLE: "tidak terbaca", "illegible";
    ONLY_DIGITS: "Hanya angka 0–9, tanpa titik atau koma. Tertulis: “{0}”", "Digits 0–9 only, no dot and no comma. Found: “{0}”";
    REST_EMPTY: "Kotak lain di lembar ini kosong di kertas", "The other boxes of this sheet are empty on the paper";
    NEXT: "Simpan, lanjut", "Save, go on";
    PREVIOUS: "Kembali", "Back";
    SAVE: "Simpan", "Save";
    TO_REVIEW: "Baca ulang", "Read back";
    DISCARD: "Buang isian ini", "Throw this entry away";
    DISCARD_SURE: "Semua angka yang belum dikirim di formulir ini akan dibuang.", "All numbers of this form that were not sent will be thrown away.";
    DISCARD_WHICH: "Mulai lagi dari kosong?", "Begin again from nothing?";
    FINDINGS: "Tidak cocok: {0}. Periksa lagi dengan kertas.", "Does not fit: {0}. Compare with the paper again.";
    HARD: "aturan keras", "hard rule";
    WARN: "peringatan", "warning";
    TO_PUT_RIGHT: "Perlu diperbaiki", "To be put right";

    // The second entry.
    AGAIN: "Isian kedua", "Second entry";
    AGAIN_LEAD: "Salin sekali lagi dari kertas, sebaiknya oleh petugas lain. Angka dari isian pertama tidak ditampilkan. Setiap angka disimpan begitu kotaknya ditinggalkan.", "Copy it from the paper once more, another officer if possible. The numbers of the first entry are not shown. Each number is saved as you leave its box.";
    AGAIN_END: "Bandingkan", "Compare";
    AGAIN_FILLED: "Isian kedua: {0} dari {1} kotak terisi.", "Second entry: {0} of {1} boxes filled.";
    AGAIN_HIDDEN: "Angka tidak ditampilkan selama isian kedua berlangsung.", "The numbers are not shown while the second entry is going on.";
    OTHER_TURN: "Belum tersimpan: isian kedua sedang berlangsung. Selesaikan dulu; sesudah itu angka dapat diubah lagi.", "Not saved: the second entry is going on. Finish it first; numbers can be changed again after it.";
    COMPARE: "Dua isian tidak sama", "The two entries differ";
    COMPARE_LEAD: "Lihat kertas, lalu pilih angka yang tertulis di sana. Pilihan langsung disimpan; kotak lain tidak perlu diisi lagi.", "Look at the paper and choose the number that stands there. A choice is saved at once; nothing else has to be typed again.";
    COMPARE_LEFT: "Yang belum dipilih: {0}", "Still to be chosen: {0}";
    TAKE_FIRST: "Isian pertama", "First entry";
    TAKE_SECOND: "Isian kedua", "Second entry";
    TAKE_THIRD: "Angka lain di kertas", "Another number on the paper";
    TAKE: "Pakai angka ini", "Take this number";
    TAKE_EMPTY: "Tulis angka yang tertulis di kertas.", "Type the number that stands on the paper.";

    // Reading back.
    REVIEW: "Baca ulang", "Read back";
    REVIEW_LEAD: "Satu orang membaca layar dengan suara keras, satu orang melihat kertas.", "One officer reads the screen aloud, another looks at the paper.";
    MISSING: "Kotak yang belum terisi: {0}. Tulis angkanya, atau pilih “Kosong di kertas”.", "Boxes to fill: {0}. Type the number, or choose “Empty on the paper”.";
    CHANGE: "Ubah", "Change";
    EXPLAIN: "Kertasnya memang begitu? Jelaskan.", "Does the paper say so? Explain it.";
    EXPLAIN_HINT: "Misalnya: L dan P tertukar di kertas, saksi setuju. Penjelasan ikut ditandatangani dan terlihat di pusat.", "For example: men and women are swapped on the paper, the witnesses agree. The explanation is signed too, and the centre sees it.";
    EXPLAIN_HELD: "Formulir dikirim dengan kesalahan tercatat. Yang melanggar aturan keras ditahan di pusat sampai diputuskan.", "The form is sent with its faults recorded. What breaks a hard rule is held at the centre until somebody rules on it.";
    REASON: "Mengapa formulir dikoreksi?", "Why is the form corrected?";
    REASON_HINT: "Formulir yang lama tetap terlihat.", "The old form stays visible.";
    REVIEW_LEAD_ALONE: "Bandingkan setiap angka di layar dengan kertas.", "Compare every number on the screen with the paper.";
    CONFIRM_ALONE: "Petugas memastikan", "An officer confirms";
    CONFIRM_ONE_ALONE: "Saya membandingkan layar dengan kertas: semua angka sama.", "I compared the screen with the paper: every number is the same.";
    NEEDS_ONE: "Petugas harus memastikan.", "An officer has to confirm.";
    CONFIRM: "Dua petugas memastikan", "Two officers confirm";
    CONFIRM_ONE: "Saya membaca layar: semua angka sama dengan kertas.", "I read the screen: every number is the same as on the paper.";
    CONFIRM_TWO: "Saya, petugas lain, melihat kertas: semua angka sama.", "I, another officer, looked at the paper: every number is the same.";
    SEAL: "Tanda tangani dan kirim", "Sign and send";
    SEAL_HINT: "Cukup tekan sekali. Tanpa sinyal pun aman: dikirim sendiri begitu ada jaringan.", "Press once. It is safe without a signal too: it goes by itself as soon as there is a network.";
    NEEDS_BOTH: "Kedua petugas harus memastikan.", "Both officers have to confirm.";
    NEEDS_EXPLANATION: "Tulis penjelasan untuk yang tidak cocok.", "Explain what does not fit.";
    NEEDS_REASON: "Tulis mengapa formulir dikoreksi.", "Say why the form is corrected.";
    NEEDS_NUMBERS: "Isi dulu kotak yang belum terisi.", "Fill the empty boxes first.";
    CHANGED_MEANWHILE: "Angka atau foto berubah sejak dibaca ulang. Baca sekali lagi.", "Numbers have changed since they were read back, or photos. Read them once more.";
    SEALED_WITHOUT: "TANPA FOTO. Angka dikirim tanpa gambar kertasnya; foto yang menyusul perlu koreksi.", "NO PHOTO. The numbers go without a picture of their paper; a photo that comes later needs a correction.";

    // Photos of the paper.
    PHOTOS: "Foto kertas", "Photos of the paper";
    PHOTOS_LEAD: "Foto setiap lembar kertas: utuh, lurus, terang. Foto disimpan di perangkat ini dan dikirim setelah angka.", "Photograph every sheet of the paper: whole, straight, in good light. Photos are kept on this device and go after the numbers.";
    TO_PHOTOS: "Lanjut ke foto", "On to the photos";
    NO_PHOTOS: "Belum ada foto.", "No photos yet.";
    PHOTO: "Foto {0}", "Photo {0}";
    PHOTO_KEPT: "Tersimpan di perangkat", "Saved on this device";
    ORIGIN_CAMERA: "dari kamera", "from the camera";
    ORIGIN_GALLERY: "dari galeri", "from the gallery";
    ORIGIN_BEFORE: "dari formulir sebelumnya", "of the form before";
    PHOTO_LEAVE: "Bila angkanya tetap terbaca, biarkan.", "If the numbers can be read all the same, leave it.";
    RETAKE: "Foto ulang", "Take again";
    REPLACE: "Ganti", "Replace";
    REMOVE_PHOTO: "Hapus", "Remove";
    TAKE_PHOTO: "Ambil foto", "Take a photo";
    FROM_GALLERY: "Pilih dari galeri", "Choose from the gallery";
    GALLERY_HINT: "Foto dari galeri diberi tanda ⚑ di sini. Pastikan itu kertas TPS ini.", "A photo from the gallery is marked ⚑ here. Make sure that it is this station's paper.";
    KEEP_PHOTOS: "Simpan foto", "Keep the photos";
    PHOTO_SENDING: "Menyimpan foto", "Saving the photo";
    PHOTO_FAILED: "Foto BELUM tersimpan: aplikasi tidak menjawab. Pilih lagi fotonya.", "The photo is NOT saved: the application does not answer. Choose it again.";
    PHOTOS_FULL: "Sudah {0} foto, paling banyak untuk satu formulir.", "There are {0} photos, the most that a form may have.";
    WITHOUT_PHOTOS: "Lanjut tanpa foto", "Go on without a photo";
    PHOTO_NOT_KEPT: "Tidak disimpan", "Not kept";
    PHOTO_OF: "Foto ke-{0} yang dipilih: {1}", "Photo {0} of those chosen: {1}";
    PHOTO_NOT_CHOSEN: "Pilih dulu fotonya.", "Choose a photo first.";
    PHOTO_NOT_WHOLE: "Foto tidak sampai utuh. Pilih lagi.", "The photo did not come to its end. Choose it again.";
    PHOTO_TOO_MANY: "Satu formulir paling banyak {0} foto. Hapus satu dulu.", "A form has {0} photos at most. Remove one first.";
    PHOTO_SEALED: "Formulir sudah ditandatangani. Foto baru perlu koreksi.", "The form is sealed. A new photo needs a correction.";
    PHOTO_IS_GONE: "Foto {0} rusak atau hilang di perangkat ini. Hapus, lalu foto ulang.", "Photo {0} is damaged on this device, or gone. Remove it and take it again.";
    PHOTO_WAITS: "menunggu, dikirim setelah angka", "waiting, goes after the numbers";
    PHOTO_SENT: "terkirim {0} dari {1} KB", "sent {0} of {1} KB";
    PHOTO_ARRIVED: "sudah sampai di pusat", "has arrived at the centre";
    PHOTO_DAMAGED: "rusak atau hilang di perangkat ini", "damaged on this device, or gone";
    DRAFT_PHOTOS: "Foto: {0}.", "Photos: {0}.";
    FORM_WITHOUT: "Formulir ini tanpa foto.", "This form has no photo.";
    ADD_PHOTOS: "Koreksi: tambah foto", "Correct: add photos";

    // A form that is stored.
    CORRECT: "Koreksi formulir ini", "Correct this form";
    CORRECT_HINT: "Koreksi adalah formulir baru dengan alasan. Yang lama tetap terlihat.", "A correction is a new form with a reason. The old one stays visible.";
    RECORDED: "Tidak cocok di kertas, tercatat bersama formulir: {0}", "Does not fit on the paper, recorded with the form: {0}";
    EXPLANATION: "Penjelasan", "Explanation";
    REASON_GIVEN: "Alasan koreksi", "Reason of the correction";
    REVISIONS: "Semua revisi", "All revisions";
    DIGEST: "Sidik formulir (SHA-256)", "Digest of the form (SHA-256)";

    // What the centre has to say.
    NOTICES: "Dari pusat", "From the centre";
    NOTICE_CORRECT: "Koreksi {0}", "Correct {0}";
    NOTICE_GO_TO: "Lihat {0} di koreksi", "Look at {0} in the correction";
    LOOK_NOW: "Tanya pusat sekarang", "Ask the centre now";
    LOOK_HINT: "Apakah ada pertanyaan atau putusan tentang formulir Anda. Perangkat juga bertanya sendiri, kira-kira setiap setengah jam.", "Whether there are questions or rulings about your forms. The device also asks by itself, about every half hour.";
    LOOKED_AT: "Terakhir ditanyakan pukul {0}.", "Last asked at {0}.";
    NOT_LOOKED: "Belum ditanyakan sejak aplikasi dijalankan.", "Not asked since the application was started.";

    // The receipt.
    RECEIPT: "Tanda terima", "Receipt";
    RECEIPT_LEAD: "Bukti bahwa formulir ada di catatan pusat. Dapat diperiksa tanpa jaringan.", "It proves that the form is in the centre's log. It can be checked without a network.";
    SHORT_CODE: "Kode singkat", "Short code";
    ENTRY: "Nomor di catatan pusat", "Entry of the centre's log";
    ARRIVED: "Sampai di pusat", "Arrived at the centre";
    STORED_AT: "Disimpan di perangkat", "Stored on this device";
    RECEIVED_AT: "Tanda terima datang", "The receipt came";
    SAVE_FILE: "Simpan sebagai berkas", "Save as a file";
    QR: "Kode QR tanda terima", "QR code of the receipt";
    QR_HOW: "Foto kode ini dengan ponsel mana pun: isinya tanda terima itu sendiri. Ketuk untuk memperbesar.", "Photograph this code with any phone: it holds the receipt itself. Tap to enlarge.";
    QR_TOO_LONG: "Tanda terima ini terlalu panjang untuk kode QR. Simpan sebagai berkas.", "This receipt is too long for a QR code. Save it as a file.";
    PRINT: "Untuk mencetak, pakai menu cetak peramban: yang lain tidak ikut tercetak.", "To print it, use the browser's print menu: nothing else is printed.";
    LOG: "Catatan", "Log";
    NO_RECEIPT: "Belum ada tanda terima untuk formulir ini.", "There is no receipt for this form yet.";

    // Why not.
    NOT_FOUND: "Halaman ini tidak ada", "There is no such page";
    NOT_LET_IN: "Peramban ini belum dibukakan", "This browser has not been let in";
    NOT_LET_IN_HOW: "Buka alamat yang ditampilkan aplikasi saat dijalankan, atau ketik: saksi-agent page", "Open the address that the application showed when it was started, or type: saksi-agent page";
    NOT_OUR_FORM: "Halaman sudah usang", "The page is out of date";
    NOT_OUR_FORM_HOW: "Kembali, muat ulang, lalu ulangi. Yang tersimpan tetap aman.", "Go back, load it again and repeat. What is saved is safe.";
    TROUBLE: "Tidak berhasil", "It was not done";
    OPENING: "Membuka halaman TPS…", "Opening the station's page…";
    OPENING_GO: "Buka", "Open";
}
