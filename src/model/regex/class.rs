//! Character classes: `[a-z_]`, `\d`, `[[:alpha:]]`, `\p{Greek}`.

/// A set of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) items: Vec<ClassItem>,
    pub(super) negated: bool,
    /// Whether characters that differ from a member only in case are members too.
    pub(super) fold: bool,
}

/// Some characters of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClassItem {
    /// Code points from the first to the second, which Go allows to be surrogates.
    Range(u32, u32),
    /// A class of ASCII characters that has a name, or everything else.
    Ascii { ranges: Ranges, negated: bool },
    /// A Unicode property in Rust's notation, `gc=Lu`, or everything else.
    Unicode { property: String, negated: bool },
}

type Ranges = &'static [(char, char)];

const DIGIT: Ranges = &[('0', '9')];
const WORD: Ranges = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
/// Without vertical tab, unlike `[[:space:]]`.
const PERL_SPACE: Ranges = &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];

/// The classes that are written `[:name:]`.
const POSIX: &[(&str, Ranges)] = &[
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\x7f')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\x1f'), ('\x7f', '\x7f')]),
    ("digit", DIGIT),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];

/// General categories, by the short names that Go has for them.
const CATEGORIES: &[&str] = &[
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N",
    "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl",
    "Zp", "Zs",
];

/// Scripts of Unicode 15, the version that Go knows.
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "Adlam", "Ahom", "Anatolian_Hieroglyphs", "Arabic", "Armenian", "Avestan", "Balinese", "Bamum",
    "Bassa_Vah", "Batak", "Bengali", "Bhaiksuki", "Bopomofo", "Brahmi", "Braille", "Buginese", "Buhid",
    "Canadian_Aboriginal", "Carian", "Caucasian_Albanian", "Chakma", "Cham", "Cherokee", "Chorasmian",
    "Common", "Coptic", "Cuneiform", "Cypriot", "Cypro_Minoan", "Cyrillic", "Deseret", "Devanagari",
    "Dives_Akuru", "Dogra", "Duployan", "Egyptian_Hieroglyphs", "Elbasan", "Elymaic", "Ethiopic", "Georgian",
    "Glagolitic", "Gothic", "Grantha", "Greek", "Gujarati", "Gunjala_Gondi", "Gurmukhi", "Han", "Hangul",
    "Hanifi_Rohingya", "Hanunoo", "Hatran", "Hebrew", "Hiragana", "Imperial_Aramaic", "Inherited",
    "Inscriptional_Pahlavi", "Inscriptional_Parthian", "Javanese", "Kaithi", "Kannada", "Katakana", "Kawi",
    "Kayah_Li", "Kharoshthi", "Khitan_Small_Script", "Khmer", "Khojki", "Khudawadi", "Lao", "Latin", "Lepcha",
    "Limbu", "Linear_A", "Linear_B", "Lisu", "Lycian", "Lydian", "Mahajani", "Makasar", "Malayalam",
    "Mandaic", "Manichaean", "Marchen", "Masaram_Gondi", "Medefaidrin", "Meetei_Mayek", "Mende_Kikakui",
    "Meroitic_Cursive", "Meroitic_Hieroglyphs", "Miao", "Modi", "Mongolian", "Mro", "Multani", "Myanmar",
    "Nabataean", "Nag_Mundari", "Nandinagari", "New_Tai_Lue", "Newa", "Nko", "Nushu",
    "Nyiakeng_Puachue_Hmong", "Ogham", "Ol_Chiki", "Old_Hungarian", "Old_Italic", "Old_North_Arabian",
    "Old_Permic", "Old_Persian", "Old_Sogdian", "Old_South_Arabian", "Old_Turkic", "Old_Uyghur", "Oriya",
    "Osage", "Osmanya", "Pahawh_Hmong", "Palmyrene", "Pau_Cin_Hau", "Phags_Pa", "Phoenician",
    "Psalter_Pahlavi", "Rejang", "Runic", "Samaritan", "Saurashtra", "Sharada", "Shavian", "Siddham",
    "SignWriting", "Sinhala", "Sogdian", "Sora_Sompeng", "Soyombo", "Sundanese", "Syloti_Nagri", "Syriac",
    "Tagalog", "Tagbanwa", "Tai_Le", "Tai_Tham", "Tai_Viet", "Takri", "Tamil", "Tangsa", "Tangut", "Telugu",
    "Thaana", "Thai", "Tibetan", "Tifinagh", "Tirhuta", "Toto", "Ugaritic", "Vai", "Vithkuqi", "Wancho",
    "Warang_Citi", "Yezidi", "Yi", "Zanabazar_Square",
];

impl ClassItem {
    /// `\d`, `\W` and so on.
    pub(super) fn perl(letter: char) -> Option<ClassItem> {
        let ranges = match letter.to_ascii_lowercase() {
            'd' => DIGIT,
            's' => PERL_SPACE,
            'w' => WORD,
            _ => return None,
        };
        Some(ClassItem::Ascii { ranges, negated: letter.is_ascii_uppercase() })
    }

    /// `alpha` or `^alpha`, from between `[:` and `:]`.
    pub(super) fn posix(name: &str) -> Option<ClassItem> {
        let (name, negated) = match name.strip_prefix('^') {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let at = POSIX.binary_search_by_key(&name, |(known, _)| known).ok()?;
        Some(ClassItem::Ascii { ranges: POSIX[at].1, negated })
    }

    /// `Greek`, `Lu`, `Any`: a general category or a script. Names are exact.
    pub(super) fn unicode(name: &str, negated: bool) -> Option<ClassItem> {
        let property = if name == "Any" {
            name.to_owned()
        } else if CATEGORIES.contains(&name) {
            format!("gc={name}")
        } else if SCRIPTS.binary_search(&name).is_ok() {
            format!("sc={name}")
        } else {
            return None;
        };
        Some(ClassItem::Unicode { property, negated })
    }
}

impl Class {
    /// A class of one item.
    pub(super) fn of(item: ClassItem, fold: bool) -> Class {
        Class { items: vec![item], negated: false, fold }
    }

    /// All members, if there are at most `limit` and they are plainly listed.
    pub(super) fn members(&self, limit: usize) -> Option<Vec<char>> {
        if self.negated {
            return None;
        }
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for item in &self.items {
            match item {
                ClassItem::Range(low, high) => ranges.push((*low, *high)),
                ClassItem::Ascii { ranges: named, negated: false } => {
                    ranges.extend(named.iter().map(|(low, high)| (u32::from(*low), u32::from(*high))));
                }
                _ => return None,
            }
        }
        let mut members = Vec::new();
        for (low, high) in ranges {
            if (high - low) as usize >= limit {
                return None;
            }
            members.extend((low..=high).filter_map(char::from_u32));
        }
        members.sort_unstable();
        members.dedup();
        let folds = self.fold && members.iter().any(|c| may_fold(*c));
        (members.len() <= limit && !folds).then_some(members)
    }
}

/// Whether `c` may have another case. Says yes too often, never too seldom.
pub(super) fn may_fold(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(POSIX.is_sorted_by_key(|(name, _)| name));
        assert!(SCRIPTS.is_sorted());
        assert!(CATEGORIES.is_sorted());
    }

    #[test]
    fn every_name_is_known_to_the_engine() {
        for name in CATEGORIES.iter().filter(|name| **name != "Cs").chain(SCRIPTS).chain(&["Any"]) {
            let Some(ClassItem::Unicode { property, .. }) = ClassItem::unicode(name, false) else {
                panic!("{name} is not found");
            };
            assert!(regex::Regex::new(&format!("\\p{{{property}}}")).is_ok(), "{name}");
        }
    }
}
