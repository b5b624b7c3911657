//! What somebody looks for among stations and regions: the beginning of a code, or a part of a
//! name. A list of a nation asks that of 822,116 stations, so nothing is allocated for it.

/// Whether a code begins so. Codes are ASCII; what is looked for is in small letters.
#[must_use]
pub fn begins(code: &str, search: &str) -> bool {
    let begin = code.as_bytes().get(..search.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(search.as_bytes()))
}

/// Whether a name has it, in small or in capital letters.
#[must_use]
pub fn has(name: &str, search: &str) -> bool {
    if !name.is_ascii() {
        return name.to_lowercase().contains(search);
    }
    let (name, search) = (name.as_bytes(), search.as_bytes());
    search.is_empty() || name.windows(search.len()).any(|part| part.eq_ignore_ascii_case(search))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_small_letters_too() {
        assert!(begins("AB-1", "ab") && begins("AB-1", "ab-1") && begins("AB-1", ""));
        assert!(!begins("AB-1", "b") && !begins("AB-1", "ab-12") && !begins("AB-1", "é"));
        assert!(has("TPS 001", "s 0") && has("TPS 001", "001") && has("TPS 001", ""));
        assert!(!has("TPS 001", "ps0") && !has("TPS", "tps 001") && !has("", "a"));
        assert!(has("ÉCOLE 1", "école") && has("ÉCOLE 1", "1") && !has("ÉCOLE 1", "ecole"));
    }
}
