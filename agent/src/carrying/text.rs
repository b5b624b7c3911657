//! Every sentence on what is carried for other stations, in Indonesian and English.

catalogue! {
    // What a file is.
    OTHER_FILE: "ini bukan berkas formulir atau tanda terima Saksi", "this is no file of Saksi's forms or receipts";
    DAMAGED: "berkasnya rusak, terpotong, atau diubah", "the file is damaged, cut off, or was changed";
    TOO_LARGE: "isinya lebih dari {0}", "it has more than {0}";
    LENGTH: "bagian ke-{0} panjangnya mustahil", "part {0} has an impossible length";

    // What came of taking one in.
    NOT_TAKEN: "{0} tidak diambil: {1}. Tidak ada yang berubah; minta berkasnya ditulis sekali lagi.", "{0} was not taken in: {1}. Nothing was changed; have the file written once more.";
    TOO_MANY: "Perangkat ini sudah membawa {0} formulir; dengan berkas ini menjadi lebih dari {1}. Tidak ada yang diambil; kirim dulu yang ada, lalu hapus dengan `saksi-agent retention`.", "This device carries {0} forms already; with this file they would be more than {1}. Nothing was taken in; send those first, then delete them with `saksi-agent retention`.";
    TAKEN_FORMS: "Formulir yang sekarang dibawa perangkat ini: {0} baru, {1} sudah ada.", "Forms that this device carries now: {0} new, {1} there already.";
    TAKEN_NEXT: "Formulir itu dikirim sendiri begitu ada jaringan, setelah formulir TPS ini. Foto tidak ikut; foto dikirim perangkat asalnya.", "They go by themselves as soon as there is a network, after this station's own. Photos are not among them; the device they come from sends those.";
    TAKEN_RECEIPTS: "Tanda terima yang terbukti: {0} untuk TPS ini, {1} untuk TPS lain.", "Receipts that are proven: {0} of this station, {1} of others.";
    LEFT_OTHER_ELECTION: "Tidak diambil, milik pemilihan lain: {0}", "Not taken in, of another election: {0}";
    LEFT_NOT_SEALED_HERE: "Tidak diambil, atas nama TPS ini tetapi bukan tanda tangan perangkat ini: {0}", "Not taken in, in this station's name but not signed by this device: {0}";
    LEFT_DAMAGED: "Tidak diambil, rusak: {0}", "Not taken in, damaged: {0}";
    LEFT_UNPROVEN: "Tanda terima yang TIDAK terbukti dan tidak disimpan: {0}", "Receipts that prove NOTHING and were not kept: {0}";
    LEFT_UNKNOWN: "Tanda terima untuk formulir yang tidak ada di perangkat ini: {0}", "Receipts of forms that are not on this device: {0}";
    EXPORTED_RECEIPTS: "{0} tanda terima ditulis ke {1}. Bawa kembali ke TPS asalnya.", "{0} receipts were written to {1}. Carry them back to their stations.";

    // Where it stands.
    CARRIED_FOR: "Dibawa untuk TPS {0}: {1} dari {2} tiba", "Carried for station {0}: {1} of {2} have arrived";
    CARRIED_REFUSED: "ditolak oleh pusat: {0}", "refused by the centre: {0}";
    CARRIED_DAMAGED: "Berkas formulir bawaan yang rusak dan disisihkan: {0}", "Files of carried forms that were damaged and set aside: {0}";

    // On the page.
    HOME_LINK: "Bawa dan kirim", "Carry and send";
    HOME_HOW: "Tanpa jaringan: simpan formulir TPS ini sebagai berkas, buka di perangkat TPS lain, dan ambil tanda terimanya kembali.", "Without a network: save this station's forms as a file, open it on another station's device, and bring the receipts back.";
    TITLE: "Bawa dan kirim", "Carry and send";
    LEAD: "Formulir yang sudah ditandatangani dapat dikirim oleh perangkat TPS lain. Isinya tidak dapat diubah tanpa ketahuan.", "Signed forms can be sent by another station's device. Nobody can change them unseen.";
    OUT: "1. Bawa keluar", "1. Carry out";
    OUT_HOW: "Simpan berkas ini ke USB atau kirim ke ponsel lain. Foto tidak ikut.", "Save this file to a USB stick, or pass it to another phone. Photos are not in it.";
    OUT_NONE: "Belum ada formulir yang ditandatangani.", "There is no signed form yet.";
    OUT_SAVE: "Simpan formulir sebagai berkas", "Save the forms as a file";
    IN: "2. Ambil masuk", "2. Take in";
    IN_HOW: "Pilih berkas formulir TPS lain (.saksi), atau berkas tanda terima yang dibawa kembali ke sini (.receipts).", "Choose a file of another station's forms (.saksi), or one of receipts that were brought back here (.receipts).";
    IN_FILE: "Berkas", "File";
    IN_TAKE: "Ambil berkas ini", "Take this file in";
    IN_NONE: "Pilih berkasnya dulu.", "Choose a file first.";
    IN_DONE: "Berkas sudah diambil", "The file was taken in";
    CARRIED: "3. Yang dibawa untuk TPS lain", "3. Carried for other stations";
    CARRIED_NONE: "Perangkat ini tidak membawa formulir TPS lain.", "This device carries no other station's forms.";
    CARRIED_LAST: "Percobaan terakhir pukul {0}: {1}", "Last attempt at {0}: {1}";
    BACK: "4. Bawa tanda terima kembali", "4. Carry the receipts back";
    BACK_HOW: "Berkas ini membuktikan kepada TPS asal bahwa formulirnya sudah sampai.", "This file proves to the other stations that their forms have arrived.";
    BACK_SAVE: "Simpan {0} tanda terima sebagai berkas", "Save {0} receipts as a file";
    KEPT: "Yang dibawa tetap tersimpan di perangkat ini sampai dihapus dengan `saksi-agent retention`.", "What is carried stays on this device until `saksi-agent retention` deletes it.";
}
