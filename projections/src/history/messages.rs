//! The texts, in Fluent: a file a language, built into the program. A test holds the languages together.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use super::{Language, words::written};

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; Language::ALL.len()]> = LazyLock::new(|| Language::ALL.map(bundle));

/// A message with its variables filled in; one that there is none of is its name.
pub(super) fn message(language: Language, id: &str, args: &FluentArgs<'_>) -> String {
    let bundle = &BUNDLES[language as usize];
    let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else { return id.to_owned() };
    bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
}

/// Whether there is such a message.
pub(super) fn has(id: &str) -> bool {
    BUNDLES[Language::En as usize].has_message(id)
}

pub(super) fn source(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("messages/en.ftl"),
        Language::De => include_str!("messages/de.ftl"),
    }
}

fn bundle(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(language.code().parse().into_iter().collect());
    // Sentences are plain text that other programs read: no invisible marks in them. Texts of one line hold none that turn the
    // direction of writing.
    bundle.set_use_isolating(false);
    bundle.set_formatter(match language {
        Language::En => None,
        Language::De => Some(|value, _| match value {
            FluentValue::Number(number) => Some(written(Language::De, &number.as_string())),
            _ => None,
        }),
    });
    // What is wrong in a file is found by the test below.
    let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use domain::{OrganizationEvent, ShowEvent};
    use fluent_syntax::{
        ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
        parser,
    };

    use super::*;

    /// Each message of a language with its variables.
    fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let resource = parser::parse(source(language)).unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
        let mut messages = BTreeMap::new();
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut variables = BTreeSet::new();
            pattern(message.value.as_ref().unwrap(), &mut variables);
            let before = messages.insert(message.id.name.to_owned(), variables);
            assert!(before.is_none(), "{language:?} says {} twice", message.id.name);
        }
        messages
    }

    fn pattern(of: &Pattern<&str>, variables: &mut BTreeSet<String>) {
        for element in &of.elements {
            let PatternElement::Placeable { expression } = element else { continue };
            match expression {
                Expression::Inline(of) => inline(of, variables),
                Expression::Select { selector, variants } => {
                    inline(selector, variables);
                    variants.iter().for_each(|variant| pattern(&variant.value, variables));
                }
            }
        }
    }

    fn inline(of: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
        match of {
            InlineExpression::VariableReference { id } => {
                variables.insert(id.name.to_owned());
            }
            InlineExpression::StringLiteral { .. } => {}
            other => panic!("{other:?} is not looked into"),
        }
    }

    #[test]
    fn every_event_has_a_message_with_the_same_variables_in_every_language() {
        let english = messages(Language::En);
        for event_type in ShowEvent::TYPES.iter().chain(OrganizationEvent::TYPES) {
            assert!(english.contains_key(*event_type), "{event_type} has no message");
        }
        for language in Language::ALL {
            assert_eq!(messages(language), english, "{language:?}");
        }
    }
}
