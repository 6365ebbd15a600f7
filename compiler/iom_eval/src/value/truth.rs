use super::{Causes, Value};

/// A three-valued answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    False,
    True,
    Unknown(Causes),
}

impl Truth {
    /// Kleene's conjunction; the causes of two unknowns are united.
    #[inline]
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            (Truth::Unknown(left), Truth::Unknown(right)) => Truth::Unknown(left.union(right)),
            (Truth::Unknown(causes), Truth::True) | (Truth::True, Truth::Unknown(causes)) => {
                Truth::Unknown(causes)
            }
        }
    }

    /// Kleene's disjunction.
    #[inline]
    pub fn or(self, other: Truth) -> Truth {
        self.negate().and(other.negate()).negate()
    }

    /// Not. (Named so because `not` is taken by the operator trait.)
    #[inline]
    pub fn negate(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::True => Truth::False,
            unknown => unknown,
        }
    }

    /// The same where it is read by something else: see [`Causes::spread`].
    #[inline]
    pub fn spread(self) -> Truth {
        match self {
            Truth::Unknown(causes) => Truth::Unknown(causes.spread()),
            known => known,
        }
    }

    #[inline]
    pub fn is_true(self) -> bool {
        self == Truth::True
    }

    #[inline]
    pub fn is_false(self) -> bool {
        self == Truth::False
    }

    /// Of a value that the checker has made sure is a condition. Absent cannot be here; it counts as malformed.
    #[inline]
    pub fn of(value: &Value) -> Truth {
        match value {
            Value::Bool(true) => Truth::True,
            Value::Bool(false) => Truth::False,
            Value::Unknown(causes) => Truth::Unknown(causes.spread()),
            _ => Truth::Unknown(Causes::INVALID),
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const U: Truth = Truth::Unknown(Causes::NOT_REPORTED);

    #[test]
    fn conjunction_and_disjunction_are_kleenes() {
        use Truth::{False as F, True as T};
        for (left, right, and, or) in [
            (T, T, T, T),
            (T, F, F, T),
            (T, U, U, T),
            (F, T, F, T),
            (F, F, F, F),
            (F, U, F, U),
            (U, T, U, T),
            (U, F, F, U),
            (U, U, U, U),
        ] {
            assert_eq!(left.and(right), and, "{left:?} and {right:?}");
            assert_eq!(left.or(right), or, "{left:?} or {right:?}");
        }
        assert_eq!(U.negate(), U);
    }

    #[test]
    fn causes_unite() {
        let other = Truth::Unknown(Causes::PARTIAL);
        let Truth::Unknown(causes) = U.and(other) else { panic!() };
        assert_eq!(causes.names().collect::<Vec<_>>(), ["not_reported", "partial"]);
    }
}
