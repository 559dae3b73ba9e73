//! Problems, whatever of a request found its way into them: JSON that reads back as what was meant.

use api::Problem;
use arbitrary::{Arbitrary, Unstructured};
use domain::FieldError;

use crate::problem::reads_back;

pub fn run(data: &[u8]) {
    let Ok(errors) = Vec::<(String, String)>::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let errors: Vec<FieldError> = errors.into_iter().map(|(pointer, detail)| FieldError::at(pointer, detail)).collect();
    if let Some(error) = errors.first() {
        reads_back(&Problem::not_json(format!("The body is not JSON: {}.", error.detail)));
    }
    reads_back(&Problem::invalid(errors));
}
