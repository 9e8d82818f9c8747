//! A table of slips, and what each is told.

use super::parse;
use crate::base::Diagnostic;

/// What people get wrong, each in a text of its own.
const SLIPS: &[&str] = &[
    "id: a\n\tseeds: 3\n",
    "id: a\nmodel:\n\thidden: 3\n",
    "id: a\nseeds:\t3\n",
    "model: {kind: mlp, hidden: [8]\nloss: squared\n",
    "model: {kind: mlp, hidden: [8}\nloss: squared\n",
    "measure: [a, b\n",
    "measure: [a b: c d, e\nseeds: 3\n",
    "model: {kind: mlp hidden: 8}\n",
    "model: {kind: mlp, hidden: 8}}\n",
    "measure: [a]]\n",
    "measure: a]\n",
    "id: \"a\nseeds: 3\n",
    "id: 'a\nseeds: 3\n",
    "says: 'it's so'\n",
    "says: \"a \"b\" c\"\n",
    "says: \"a\\d\"\n",
    "says: \"\\xzz\"\n",
    "says: flat: it is\n",
    "id: a\n  seeds: 3\n",
    "model:\n    kind: mlp\n  hidden: 8\n",
    "model:\n  kind: mlp\n hidden: 8\n",
    "  id: a\nseeds: 3\n",
    "id a\nseeds: 3\n",
    "id: a\nseeds 3\n",
    "id: a\nseeds 3\nloss: squared\n",
    "id:a\nseeds: 3\n",
    "seeds:3\n",
    "measure: - a\n",
    "measure: -a, b\n",
    "measure:\n- a\n b: c\n",
    "measure:\n- a\nb\n",
    "measure:\n  - a\n - b\n",
    "id: a\n- b\n",
    "- a\nid: b\n",
    "id: @a\n",
    "id: `a`\n",
    "id: %a\n",
    "tags: [#a, b]\n",
    "id: *a\n",
    "id: &a b\n",
    "id: &\n",
    "id: *\n",
    "<<: *base\n",
    "id: !a b\n",
    "id: !\n",
    "id: a\n---\nid: b\n",
    "id: a\n...\nid: b\n",
    "%YAML 1.2\n---\nid: a\n",
    "id: a\nid: b\n",
    "model: {kind: a, kind: b}\n",
    "\"id\": a\nid: b\n",
    "1: a\n1.0: b\n",
    "~: a\nnull: b\n",
    "true: a\n",
    "? a\n: b\n",
    "? [a]\n: b\n",
    "[a]: b\n",
    "{a: b}: c\n",
    "? \n",
    "id: |\n a\nb\n",
    "id: |x\n a\n",
    "id: >\n\ta\n",
    "id: a\0b\nseeds: 3\n",
    "id: \"a\0b\"\n",
    "id: a\u{7}b\n",
    "id: a\u{85}b: c\n",
    "\u{feff}id: a\n",
    "id: a\n\u{feff}seeds: 3\n",
    "",
    "# only a remark\n",
    "---\n",
    "id: .inf\nseeds: .nan\n",
    "seeds: 0x10\nstep: 0o17\nn: 1_000\nbig: 123456789012345678901234567890\n",
    "date: 2026-11-22\n",
    ": a\n",
    "id: a,\nseeds: 3,\n",
    "{\n",
    "{id: a\n",
    "[\n",
    "{id: a} b\n",
    "id: a b: c: d\n",
    "id: a # remark\n#remark\n\n  # remark\nseeds: [1, # x\n 2\n",
    "a: b: c\r\n",
    "id: \"a\" b\n",
    "id: 'a' b: c\n",
    "id: b\u{9c}\n",
    "a: {b: 'x, y: 1}\nc: 2\n",
    "a: [1, 2\n\nb: 3\n",
    "expect: a < b: c\n",
    "measure:\n  - a\n  b: c\n",
    "says: It's \"flat\" [maybe: {so}\nid\n",
];

#[test]
fn slips_are_told_in_plain_words_where_they_are() {
    let mut told = String::new();
    for text in SLIPS {
        let line = match parse(text) {
            Ok(node) => format!("is read as {}", node.to_json()),
            Err(problem) => {
                let (span, help) = (problem.span.clone(), problem.help.unwrap_or_default());
                let diagnostic = Diagnostic::error(problem.message).help(help).at("e", text, span.clone());
                format!("{diagnostic} at {:?}", text.get(span).unwrap_or("no text"))
            }
        };
        told.extend([format!("{text:?}\n    "), line, "\n".to_owned()]);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn everything_that_is_wrong_stands_somewhere() {
    for text in SLIPS {
        if let Err(problem) = parse(text) {
            assert!(
                !problem.span.is_empty() && text.get(problem.span.clone()).is_some(),
                "{text:?}: {problem:?}"
            );
            assert!(
                !problem.message.contains("while ") && !problem.message.contains("expected"),
                "{problem}"
            );
        }
    }
}
