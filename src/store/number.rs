//! Numbers in JSON, which has no NaN and no infinity: these are written as the strings `NaN`, `inf` and `-inf`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An f64 that survives JSON.
#[derive(Clone, Copy)]
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            // Rust writes and reads these three alike: NaN, inf, -inf.
            serializer.serialize_str(&self.0.to_string())
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl Visitor<'_> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, `NaN`, `inf` or `-inf`")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                let known = matches!(text, "NaN" | "inf" | "-inf");
                text.parse()
                    .ok()
                    .filter(|_| known)
                    .map(Number)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(NumberVisitor)
    }
}

/// For `#[serde(with = "number::one")]` on an f64.
pub mod one {
    use super::{Deserialize, Deserializer, Number, Serialize, Serializer};

    /// Writes it.
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde hands over a reference.
    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Number(*value).serialize(serializer)
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Number::deserialize(deserializer)?.0)
    }
}

/// For `#[serde(with = "number::named")]` on a map of f64.
pub mod named {
    use super::{BTreeMap, Deserialize, Deserializer, Number, Serializer};

    /// Writes it.
    pub fn serialize<S: Serializer>(
        values: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(values.iter().map(|(name, value)| (name, Number(*value))))
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let values = BTreeMap::<String, Number>::deserialize(deserializer)?;
        Ok(values.into_iter().map(|(name, value)| (name, value.0)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives_and_nothing_else_passes() {
        for value in [0.0, -0.0, 1.5, 1e-320, f64::MAX, 0.1 + 0.2, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]
        {
            let json = serde_json::to_string(&Number(value)).unwrap();
            let back: Number = serde_json::from_str(&json).unwrap();
            assert!(back.0.to_bits() == value.to_bits() || back.0.is_nan() && value.is_nan(), "{json}");
        }
        assert_eq!(serde_json::from_str::<Number>("3").unwrap().0, 3.0);
        for bad in ["null", "\"1.5\"", "\"infinity\"", "[]"] {
            assert!(serde_json::from_str::<Number>(bad).is_err(), "{bad}");
        }
    }
}
