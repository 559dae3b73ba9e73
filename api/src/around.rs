//! What stands around every handler: something looks at a request first, and may answer in the handler's place; and it sees
//! the answer. As a plain service: axum's functions of middleware put the rest of the stack into a box for each request.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{extract::Request, response::Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

/// Something that stands around every handler.
pub(crate) trait Around: Clone {
    /// What it keeps of a request until the answer.
    type Memo;

    /// Looks at a request, and lets it pass or answers it.
    fn before(&self, request: &mut Request) -> Result<Self::Memo, Box<Response>>;

    /// Looks at the answer of a request that it let pass.
    fn after(&self, memo: Self::Memo, response: &mut Response);
}

/// Puts an [`Around`] around a service.
#[derive(Clone)]
pub(crate) struct Put<A>(pub(crate) A);

/// A service with something around it.
#[derive(Clone)]
pub(crate) struct Surrounded<A, S> {
    around: A,
    inner: S,
}

impl<A: Around, S> Layer<S> for Put<A> {
    type Service = Surrounded<A, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Surrounded { around: self.0.clone(), inner }
    }
}

impl<A: Around, S: Service<Request, Response = Response>> Service<Request> for Surrounded<A, S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Answering<A, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        match self.around.before(&mut request) {
            Ok(memo) => Answering::Inner { inner: self.inner.call(request), around: Some((self.around.clone(), memo)) },
            Err(response) => Answering::Instead { response: Some(*response) },
        }
    }
}

pin_project! {
    /// An answer on its way.
    #[project = Way]
    pub(crate) enum Answering<A: Around, F> {
        /// The handler's.
        Inner {
            #[pin]
            inner: F,
            around: Option<(A, A::Memo)>,
        },
        /// Another one in its place.
        Instead { response: Option<Response> },
    }
}

impl<A: Around, E, F: Future<Output = Result<Response, E>>> Future for Answering<A, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match self.project() {
            Way::Inner { inner, around } => {
                let mut answer = ready!(inner.poll(context));
                if let (Ok(response), Some((around, memo))) = (&mut answer, around.take()) {
                    around.after(memo, response);
                }
                Poll::Ready(answer)
            }
            Way::Instead { response } => Poll::Ready(Ok(response.take().expect("an answer is asked for once"))),
        }
    }
}
