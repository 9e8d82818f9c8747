//! What entries begin from: the shapes that the research log uses, with cells that run as they are.

/// Templates by name.
pub const TEMPLATES: [(&str, &str); 4] = [
    ("flat-vs-sharp", include_str!("flat-vs-sharp.md")),
    ("sweep", include_str!("sweep.md")),
    ("double-descent", include_str!("double-descent.md")),
    ("claim", include_str!("claim.md")),
];

/// The template of this name.
pub fn named(name: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
