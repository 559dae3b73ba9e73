//! Money in answers: integer minor units with their currency. In requests it is the integer alone, in the show's currency.

pub use projections::views::Money;
