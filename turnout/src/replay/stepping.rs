//! Step by step: waits for Enter between steps, and takes a few words there.

use std::io::{self, BufRead, Write};

/// What somebody wishes at a step.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Steps(u64),
    GoTo(i64),
    Quit,
}

impl Wish {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let wish = match (words.next(), words.next()) {
            (None, _) => Self::Steps(1),
            (Some("q"), None) => Self::Quit,
            (Some("n"), None) => Self::Steps(1),
            (Some("n"), Some(steps)) | (Some(steps), None) => Self::Steps(steps.parse().ok().filter(|n| *n > 0)?),
            (Some("g"), Some(position)) => Self::GoTo(position.parse().ok()?),
            _ => return None,
        };
        words.next().is_none().then_some(wish)
    }
}

/// What to do with a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Tell it.
    Tell,
    /// Take it in and tell nothing.
    Pass,
    /// Go no further.
    Stop,
}

/// Asks before each step, unless the last answer was for several.
pub(super) struct Stepper<I, O> {
    answers: I,
    prompt: O,
    /// What to ask for, said once and whenever an answer is not understood.
    help: String,
    steps: u64,
    go_to: i64,
    told_help: bool,
}

impl<I: BufRead, O: Write> Stepper<I, O> {
    /// The first step is told without being asked for.
    pub(super) fn new(answers: I, prompt: O, help: String) -> Self {
        Self { answers, prompt, help, steps: 1, go_to: 0, told_help: false }
    }

    /// What to do with the step at a position.
    pub(super) fn next(&mut self, position: i64) -> io::Result<Next> {
        if position < self.go_to {
            return Ok(Next::Pass);
        }
        if self.go_to > 0 {
            self.go_to = 0;
            return Ok(Next::Tell);
        }
        if self.steps == 0 {
            match self.ask()? {
                Wish::Quit => return Ok(Next::Stop),
                Wish::Steps(steps) => self.steps = steps,
                Wish::GoTo(to) if position < to => {
                    self.go_to = to;
                    return Ok(Next::Pass);
                }
                Wish::GoTo(_) => self.steps = 1,
            }
        }
        self.steps -= 1;
        Ok(Next::Tell)
    }

    fn ask(&mut self) -> io::Result<Wish> {
        loop {
            if !self.told_help {
                writeln!(self.prompt, "({})", self.help)?;
                self.told_help = true;
            }
            write!(self.prompt, "> ")?;
            self.prompt.flush()?;
            let mut line = String::new();
            if self.answers.read_line(&mut line)? == 0 {
                return Ok(Wish::Quit);
            }
            match Wish::parse(&line) {
                Some(wish) => return Ok(wish),
                None => self.told_help = false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answers: &str) -> Vec<i64> {
        let mut stepper = Stepper::new(answers.as_bytes(), Vec::new(), String::new());
        let mut told = Vec::new();
        for position in (10..=100).step_by(10) {
            match stepper.next(position).unwrap() {
                Next::Tell => told.push(position),
                Next::Pass => {}
                Next::Stop => break,
            }
        }
        told
    }

    #[test]
    fn a_step_an_answer() {
        assert_eq!(told("\n\nq\n"), [10, 20, 30]);
        assert_eq!(told(""), [10]);
    }

    #[test]
    fn a_number_is_so_many_steps() {
        assert_eq!(told("3\nn\nn 2\nq\n"), [10, 20, 30, 40, 50, 60, 70]);
    }

    #[test]
    fn a_jump_tells_the_first_step_at_a_position_or_behind_it() {
        assert_eq!(told("g 55\nq\n"), [10, 60]);
        assert_eq!(told("g 60\n\nq\n"), [10, 60, 70]);
        // Backwards there is nothing to go to: the next step.
        assert_eq!(told("g 5\nq\n"), [10, 20]);
        assert_eq!(told("g 1000\n"), [10]);
    }

    #[test]
    fn what_is_not_understood_is_asked_again() {
        let mut stepper = Stepper::new("what\n0\ng\n1 2 3\n\nq\n".as_bytes(), Vec::new(), "g POSITION".to_owned());
        assert_eq!(stepper.next(1).unwrap(), Next::Tell);
        assert_eq!(stepper.next(2).unwrap(), Next::Tell);
        assert_eq!(stepper.next(3).unwrap(), Next::Stop);
        let prompt = String::from_utf8(stepper.prompt).unwrap();
        assert_eq!(prompt.matches("g POSITION").count(), 5, "{prompt}");
    }
}
