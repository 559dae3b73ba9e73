//! Money: integers of a currency's minor unit (cents of EUR, yen of JPY), never floats. One currency a show, so
//! amounts within a show add up without asking.

use serde::{Deserialize, Serialize};

use crate::ValueError;

/// The greatest price and payment, in minor units: ten million of a currency with cents. With the at most 10,000
/// lines of an order, sums stay far inside 64 bits.
pub const AMOUNT_MAX: i64 = 1_000_000_000;

/// An amount that may be negative: a discount, what is owed to a customer. In minor units.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(pub i64);

impl Amount {
    /// In major units, as a decimal number that says exactly the same: `-12.05`.
    pub fn decimal(self, currency: Currency) -> String {
        let digits = currency.minor_digits();
        let unit = 10_u64.pow(digits);
        let sign = if self.0 < 0 { "-" } else { "" };
        let (major, minor) = (self.0.unsigned_abs() / unit, self.0.unsigned_abs() % unit);
        match usize::try_from(digits) {
            Ok(width) if width > 0 => format!("{sign}{major}.{minor:0width$}"),
            _ => format!("{sign}{major}"),
        }
    }
}

impl std::ops::Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::ops::Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), |sum, amount| sum + amount)
    }
}

/// A price as a seller states it, in minor units: from 0 to [`AMOUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Price(i64);

impl Price {
    /// As an amount.
    pub fn amount(self) -> Amount {
        Amount(self.0)
    }
}

impl TryFrom<i64> for Price {
    type Error = ValueError;

    fn try_from(minor: i64) -> Result<Self, ValueError> {
        if (0..=AMOUNT_MAX).contains(&minor) {
            Ok(Self(minor))
        } else {
            Err(ValueError(format!("must be an integer of minor units from 0 to {AMOUNT_MAX}")))
        }
    }
}

impl From<Price> for i64 {
    fn from(price: Price) -> Self {
        price.0
    }
}

/// A payment or a refund, in minor units: from 1 to [`AMOUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Payable(i64);

impl Payable {
    /// As an amount.
    pub fn amount(self) -> Amount {
        Amount(self.0)
    }
}

impl TryFrom<i64> for Payable {
    type Error = ValueError;

    fn try_from(minor: i64) -> Result<Self, ValueError> {
        if (1..=AMOUNT_MAX).contains(&minor) {
            Ok(Self(minor))
        } else {
            Err(ValueError(format!("must be an integer of minor units from 1 to {AMOUNT_MAX}")))
        }
    }
}

impl From<Payable> for i64 {
    fn from(payable: Payable) -> Self {
        payable.0
    }
}

/// A tax rate, and whether prices include it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// In basis points: 1900 is 19 %.
    pub rate_bps: TaxRate,
    /// True where the stated price holds the tax, false where it comes on top.
    pub included: bool,
}

/// A tax rate in basis points, from 0 to 10,000 (100 %).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct TaxRate(u32);

impl TryFrom<u32> for TaxRate {
    type Error = ValueError;

    fn try_from(bps: u32) -> Result<Self, ValueError> {
        if bps <= 10_000 { Ok(Self(bps)) } else { Err(ValueError("must be from 0 to 10000 basis points".to_owned())) }
    }
}

impl From<TaxRate> for u32 {
    fn from(rate: TaxRate) -> Self {
        rate.0
    }
}

/// What somebody pays for a price under a tax: the gross amount and the tax in it. Rounded half up to the minor unit.
pub fn gross_and_tax(price: Price, tax: Option<Tax>) -> (Amount, Amount) {
    let Some(tax) = tax else {
        return (price.amount(), Amount(0));
    };
    let rate = i64::from(tax.rate_bps.0);
    if tax.included {
        let divisor = 10_000 + rate;
        let part = (price.0 * rate * 2 + divisor) / (divisor * 2);
        (price.amount(), Amount(part))
    } else {
        let part = (price.0 * rate * 2 + 10_000) / 20_000;
        (Amount(price.0 + part), Amount(part))
    }
}

/// An ISO 4217 currency code in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// ISO 4217 list one (active codes of states and unions), without funds, metals and test codes.
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP \
BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD \
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR \
RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH \
UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many digits of an amount are minor units: 2 of EUR, 0 of JPY, 3 of KWD (ISO 4217, list one).
    pub fn minor_digits(&self) -> u32 {
        match self.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
            | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let known = CURRENCIES.split_whitespace().any(|code| code == text);
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if known => Ok(Self(code)),
            _ => Err(ValueError("is not an ISO 4217 currency; write it as in EUR".to_owned())),
        }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tax(rate: u32, included: bool) -> Option<Tax> {
        Some(Tax { rate_bps: TaxRate::try_from(rate).unwrap(), included })
    }

    #[test]
    fn tax_in_a_price_and_on_top_of_it() {
        let price = Price::try_from(1_190).unwrap();
        assert_eq!(gross_and_tax(price, tax(1_900, true)), (Amount(1_190), Amount(190)));
        assert_eq!(gross_and_tax(price, tax(1_900, false)), (Amount(1_416), Amount(226)));
        assert_eq!(gross_and_tax(price, None), (Amount(1_190), Amount(0)));
    }

    #[test]
    fn decimals_say_the_same_as_minor_units() {
        let currency = |code: &str| Currency::try_from(code.to_owned()).unwrap();
        for (minor, code, decimal) in [
            (1_205, "EUR", "12.05"),
            (-1_205, "EUR", "-12.05"),
            (-5, "EUR", "-0.05"),
            (0, "EUR", "0.00"),
            (1_205, "JPY", "1205"),
            (1_205, "KWD", "1.205"),
            (i64::MIN, "EUR", "-92233720368547758.08"),
        ] {
            assert_eq!(Amount(minor).decimal(currency(code)), decimal);
        }
    }

    #[test]
    fn only_currencies_of_the_standard() {
        assert!(Currency::try_from("EUR".to_owned()).is_ok());
        for bad in ["eur", "XXX", "EURO", "", "E R", "€"] {
            assert!(Currency::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
