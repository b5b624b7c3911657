//! Numbers in words, as they are read aloud: Indonesian (*terbilang*) and English.

use saksi_proto::count::Count;
use saksi_proto::text::Language;

use super::text;

/// What a field says, in words.
pub(super) fn spoken(count: Count, language: Language) -> String {
    match count {
        Count::NotWritten => text::IS_NOT_WRITTEN.in_language(language).to_owned(),
        Count::Illegible => text::IS_ILLEGIBLE.in_language(language).to_owned(),
        Count::Written(number) => in_words(number, language),
    }
}

/// A number in words.
pub(super) fn in_words(number: u32, language: Language) -> String {
    let mut words = Vec::new();
    match language {
        Language::Indonesian => terbilang(number, &mut words),
        Language::English => english(number, &mut words),
    }
    words.join(" ")
}

const SATUAN: [&str; 12] = [
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan",
    "sepuluh", "sebelas",
];

/// `se-` stands for *satu* before belas, puluh, ratus and ribu, and not before juta.
fn terbilang(number: u32, words: &mut Vec<String>) {
    let (scale, prefixed, name) = match number {
        0..=11 => return words.push(SATUAN[number as usize].to_owned()),
        12..=19 => {
            words.push(SATUAN[(number - 10) as usize].to_owned());
            return words.push("belas".to_owned());
        }
        20..=99 => (10, "", "puluh"),
        100..=999 => (100, "seratus", "ratus"),
        1_000..=999_999 => (1_000, "seribu", "ribu"),
        1_000_000..=999_999_999 => (1_000_000, "", "juta"),
        _ => (1_000_000_000, "", "miliar"),
    };
    let (many, rest) = (number / scale, number % scale);
    if many == 1 && !prefixed.is_empty() {
        words.push(prefixed.to_owned());
    } else {
        terbilang(many, words);
        words.push(name.to_owned());
    }
    if rest > 0 {
        terbilang(rest, words);
    }
}

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

fn english(number: u32, words: &mut Vec<String>) {
    let (scale, name) = match number {
        0..=19 => return words.push(ONES[number as usize].to_owned()),
        20..=99 => {
            let (tens, ones) = (TENS[(number / 10) as usize], ONES[(number % 10) as usize]);
            let joined = if number % 10 == 0 { tens.to_owned() } else { format!("{tens}-{ones}") };
            return words.push(joined);
        }
        100..=999 => (100, "hundred"),
        1_000..=999_999 => (1_000, "thousand"),
        1_000_000..=999_999_999 => (1_000_000, "million"),
        _ => (1_000_000_000, "billion"),
    };
    english(number / scale, words);
    words.push(name.to_owned());
    let rest = number % scale;
    if rest > 0 {
        if rest < 100 {
            words.push("and".to_owned());
        }
        english(rest, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Indonesian words come to, read from left to right: the way back, by other rules.
    fn read_indonesian(words: &str) -> u64 {
        let (mut total, mut thousand, mut unit) = (0, 0, 0);
        for word in words.split(' ') {
            match word {
                "nol" => {}
                "sepuluh" => unit += 10,
                "sebelas" => unit += 11,
                "belas" => unit += 10,
                "seratus" => thousand += 100,
                "puluh" => (thousand, unit) = (thousand + unit * 10, 0),
                "ratus" => (thousand, unit) = (thousand + unit * 100, 0),
                "seribu" => total += 1_000,
                "ribu" => (total, thousand, unit) = (total + (thousand + unit) * 1_000, 0, 0),
                "juta" => (total, thousand, unit) = (total + (thousand + unit) * 1_000_000, 0, 0),
                digit => {
                    let digits = [
                        "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan",
                        "sembilan",
                    ];
                    unit += 1 + digits.iter().position(|known| *known == digit).unwrap() as u64;
                }
            }
        }
        total + thousand + unit
    }

    fn read_english(words: &str) -> u64 {
        let ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen \
                    fourteen fifteen sixteen seventeen eighteen nineteen";
        let tens = "twenty thirty forty fifty sixty seventy eighty ninety";
        let (mut total, mut group) = (0, 0);
        for word in words.split([' ', '-']) {
            let at = |list: &str| list.split_whitespace().position(|known| known == word);
            match (word, at(ones), at(tens)) {
                ("and", ..) => {}
                ("hundred", ..) => group *= 100,
                ("thousand", ..) => (total, group) = (total + group * 1_000, 0),
                ("million", ..) => (total, group) = (total + group * 1_000_000, 0),
                (_, Some(one), _) => group += one as u64,
                (_, _, Some(ten)) => group += 20 + 10 * ten as u64,
                (other, ..) => panic!("{other}"),
            }
        }
        total + group
    }

    #[test]
    fn every_number_of_a_form_is_read_as_it_is_written() {
        let far = [20_000, 99_999, 100_000, 111_111, 999_999, 1_000_000, 1_011_001, 999_999_999];
        for number in (0..=12_345).chain(far) {
            let (id, en) = (Language::Indonesian, Language::English);
            assert_eq!(read_indonesian(&in_words(number, id)), u64::from(number), "{number}");
            assert_eq!(read_english(&in_words(number, en)), u64::from(number), "{number}");
        }
    }

    #[test]
    fn words_are_those_that_people_say() {
        let id = |number| in_words(number, Language::Indonesian);
        for (number, words) in [
            (0, "nol"),
            (10, "sepuluh"),
            (11, "sebelas"),
            (15, "lima belas"),
            (20, "dua puluh"),
            (100, "seratus"),
            (111, "seratus sebelas"),
            (228, "dua ratus dua puluh delapan"),
            (1_000, "seribu"),
            (1_100, "seribu seratus"),
            (11_000, "sebelas ribu"),
            (101_000, "seratus satu ribu"),
            (1_000_000, "satu juta"),
        ] {
            assert_eq!(id(number), words);
        }
        let en = |number| in_words(number, Language::English);
        assert_eq!(
            (en(0), en(40), en(228)),
            ("zero".into(), "forty".into(), "two hundred and twenty-eight".into())
        );
        assert_eq!(spoken(Count::NotWritten, Language::Indonesian), "kosong di kertas");
        assert_eq!(spoken(Count::Illegible, Language::English), "illegible");
    }
}
