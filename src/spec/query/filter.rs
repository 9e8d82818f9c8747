//! Which runs: `lr>=0.001 model~mlp NOT tag:old has:lambda_max (arm=flat OR arm=sharp)`. What stands side by side holds
//! together. `:` means what `=` means, and `-` or `!` before a term what `NOT` means: who comes from either habit finds
//! theirs.

use super::scanner::{KEYWORDS, Scanner};
use super::{Comparison, Filter, Literal, Name, Problem, Reduction};

/// Deepest nesting that is read: more is a slip or an attack, and would exhaust the stack.
const DEEPEST: usize = 64;

/// The condition that `text` states; an empty text states none.
pub fn filter(text: &str) -> Result<Filter, Problem> {
    let mut parser = Parser { scanner: Scanner::new(text), depth: 0 };
    parser.scanner.skip_space();
    if parser.scanner.rest().is_empty() {
        return Ok(Filter::EVERYTHING);
    }
    let filter = parser.any()?;
    match parser.scanner.peek() {
        None => Ok(filter),
        Some(sign) => {
            let at = parser.scanner.at;
            let error = Problem::new(format!("`{sign}` has no meaning here"), at..at + sign.len_utf8());
            Err(if sign == ',' { error.help("terms are separated by spaces") } else { error })
        }
    }
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    depth: usize,
}

impl Parser<'_> {
    /// Terms with `OR` between them.
    fn any(&mut self) -> Result<Filter, Problem> {
        let mut parts = vec![self.all()?];
        while self.scanner.take_keyword("or") || self.scanner.take("||") {
            self.scanner.skip_space();
            parts.push(self.all()?);
        }
        Ok(joined(parts, Filter::Any))
    }

    /// Terms side by side.
    fn all(&mut self) -> Result<Filter, Problem> {
        let mut parts = vec![self.term()?];
        loop {
            self.scanner.skip_space();
            let rest = self.scanner.rest();
            let is_over = rest.is_empty()
                || rest.starts_with([')', ','])
                || rest.starts_with("||")
                || self.scanner.word_ahead().eq_ignore_ascii_case("or");
            if is_over {
                return Ok(joined(parts, Filter::All));
            }
            if self.scanner.take_keyword("and") || self.scanner.take("&&") {
                self.scanner.skip_space();
            }
            parts.push(self.term()?);
        }
    }

    fn term(&mut self) -> Result<Filter, Problem> {
        let start = self.scanner.at;
        if self.depth >= DEEPEST {
            return Err(Problem::new("this is nested too deeply", start..start));
        }
        self.depth += 1;
        let term = self.deeper_term(start);
        self.depth -= 1;
        term
    }

    fn deeper_term(&mut self, start: usize) -> Result<Filter, Problem> {
        if self.scanner.take_keyword("not") || self.scanner.take("!") {
            self.scanner.skip_space();
            return Ok(Filter::Not(Box::new(self.term()?)));
        }
        if self.scanner.rest().starts_with('-') && self.scanner.word_ahead().len() > 1 {
            self.scanner.take("-");
            return Ok(Filter::Not(Box::new(self.term()?)));
        }
        if self.scanner.take("(") {
            self.scanner.skip_space();
            let inner = self.any()?;
            if !self.scanner.take(")") {
                return Err(Problem::new("this parenthesis is not closed", start..start + 1));
            }
            return Ok(inner);
        }
        self.leaf(start)
    }

    /// A comparison, `has:`, or a word.
    fn leaf(&mut self, start: usize) -> Result<Filter, Problem> {
        let quoted = self.scanner.peek() == Some('"');
        let word = self.scanner.take_word()?;
        let word = word.ok_or_else(|| self.missing(start, "a term is missing here"))?;
        if !quoted && KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword)) {
            let help = "in quotes it is a word";
            return Err(Problem::new(format!("`{word}` stands where a term should"), start..self.scanner.at)
                .help(help));
        }
        let name = self.name(word, quoted, start)?;
        let before = self.scanner.at;
        self.scanner.skip_space();
        let sign = self.scanner.at;
        match self.scanner.take_comparison() {
            None if name.reduction.is_some() => {
                Err(Problem::new("a comparison is missing after this", start..before))
            }
            None => {
                self.scanner.at = before;
                Ok(Filter::Word(name.text))
            }
            Some(Comparison::Equal) if !quoted && name.reduction.is_none() && name.text == "has" => {
                self.has(sign)
            }
            Some(comparison) => {
                let end = self.scanner.at;
                self.scanner.skip_space();
                let text = self.scanner.take_value()?;
                let text = text.ok_or_else(|| Problem::new("a value is missing after this", sign..end))?;
                Ok(Filter::Is(name, comparison, Literal { text }))
            }
        }
    }

    /// The name that begins with `word`: itself, or `min(test_loss)`.
    fn name(&mut self, word: String, quoted: bool, start: usize) -> Result<Name, Problem> {
        let reduction = Reduction::named(&word).filter(|_| !quoted && self.scanner.peek() == Some('('));
        let Some(reduction) = reduction else {
            let span = start..self.scanner.at;
            return Ok(Name { text: word, reduction: None, setting: false, span });
        };
        self.scanner.take("(");
        self.scanner.skip_space();
        let from = self.scanner.at;
        let text = self.scanner.take_word()?;
        let text = text.ok_or_else(|| self.missing(from, "the name of a measure is missing here"))?;
        let span = from..self.scanner.at;
        self.scanner.skip_space();
        if !self.scanner.take(")") {
            return Err(self.missing(self.scanner.at, "a parenthesis is to be closed here"));
        }
        Ok(Name { text, reduction: Some(reduction), setting: false, span })
    }

    fn has(&mut self, sign: usize) -> Result<Filter, Problem> {
        let end = self.scanner.at;
        self.scanner.skip_space();
        let from = self.scanner.at;
        let text = self.scanner.take_word()?;
        let text = text.ok_or_else(|| Problem::new("a name is missing after this", sign..end))?;
        Ok(Filter::Has(Name { text, reduction: None, setting: false, span: from..self.scanner.at }))
    }

    /// Something that should stand at `at` and does not.
    fn missing(&self, at: usize, message: &str) -> Problem {
        let end = at + self.scanner.rest().chars().next().map_or(0, char::len_utf8);
        Problem::new(message, at..end.max(at))
    }
}

/// Parts as one condition; those that are of the same kind are taken in, so that parentheses that change nothing leave
/// no trace.
fn joined(mut parts: Vec<Filter>, kind: fn(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let is_all = matches!(kind(Vec::new()), Filter::All(_));
    let flat = parts.into_iter().flat_map(|part| match part {
        Filter::All(inner) if is_all => inner,
        Filter::Any(inner) if !is_all => inner,
        other => vec![other],
    });
    kind(flat.collect())
}
