//! The words and signs of the language.

use std::ops::Range;

use super::{Comparison, Problem};

/// A word or sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// `0.5`, `1e6`
    Number(f64),
    /// `lambda_max`; keywords too, for it is the parser that knows where they stand.
    Word(&'a str),
    /// `<`
    Comparison(Comparison),
    /// One of `+ - * / ^ ( ) [ ] , . :`
    Sign(char),
    /// The end of the text.
    End,
}

/// A token with its bytes.
pub(super) type Spanned<'a> = (Token<'a>, Range<usize>);

/// Splits a text into tokens; the last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Spanned<'_>>, Problem> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(&text[at..], first, at)?;
        tokens.push((token, at..at + length));
        at += length;
    }
    tokens.push((Token::End, at..at));
    Ok(tokens)
}

/// The token at the start of `rest`, which begins with `first` and stands at byte `at`, and its length.
fn token(rest: &str, first: char, at: usize) -> Result<(Token<'_>, usize), Problem> {
    let after_point = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    match first {
        '0'..='9' => number(rest, at),
        '.' if after_point => number(rest, at),
        first if is_word(first) => {
            let length = rest.find(|character: char| !is_word(character)).unwrap_or(rest.len());
            Ok((Token::Word(&rest[..length]), length))
        }
        '+' | '-' | '*' | '/' | '^' | '(' | ')' | '[' | ']' | ',' | '.' | ':' => Ok((Token::Sign(first), 1)),
        '<' | '>' | '=' | '!' => comparison(rest, at),
        other => Err(unknown_sign(other, at)),
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn comparison(rest: &str, at: usize) -> Result<(Token<'_>, usize), Problem> {
    let (comparison, length) = match rest.as_bytes() {
        [b'<', b'=', ..] => (Comparison::AtMost, 2),
        [b'>', b'=', ..] => (Comparison::AtLeast, 2),
        [b'=', b'=', ..] => (Comparison::Equal, 2),
        [b'!', b'=', ..] => (Comparison::Unequal, 2),
        [b'<', ..] => (Comparison::Less, 1),
        [b'>', ..] => (Comparison::Greater, 1),
        [b'=', ..] => return Err(Problem::new("`=` compares nothing", at..at + 1).help("write `==`")),
        _ => return Err(Problem::new("`!` negates nothing", at..at + 1).help("write `not`")),
    };
    Ok((Token::Comparison(comparison), length))
}

fn unknown_sign(sign: char, at: usize) -> Problem {
    let error =
        Problem::new(format!("`{}` has no meaning here", sign.escape_debug()), at..at + sign.len_utf8());
    match sign {
        '≤' => error.help("write `<=`"),
        '≥' => error.help("write `>=`"),
        '≠' => error.help("write `!=`"),
        '×' | '·' => error.help("write `*`"),
        '−' | '–' => error.help("write `-`"),
        '&' => error.help("write `and`"),
        '|' => error.help("write `or`, or `abs(x)`"),
        '%' => error.help("write a fraction: 5 % is `0.05`"),
        _ => error,
    }
}

/// Digits, optionally a point with digits, optionally an exponent.
fn number(rest: &str, at: usize) -> Result<(Token<'_>, usize), Problem> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(length + 1 + sign..).map_or(0, |_| digits(length + 1 + sign));
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    if let Some(stray) = rest[length..].chars().next().filter(|&next| is_word(next)) {
        let end = at + length + stray.len_utf8();
        let help = format!("write a product with its sign: `{} * …`", &rest[..length]);
        return Err(Problem::new(format!("a number goes over into `{stray}`"), at..end).help(help));
    }
    match rest[..length].parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((Token::Number(value), length)),
        _ => Err(Problem::new("this number is too large", at..at + length)),
    }
}
