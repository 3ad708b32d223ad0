//! One request and its answer.

use std::rc::Rc;

use actix_http::{Request, Response};
use actix_service::Service;
use actix_web::{
    body::{BoxBody, MessageBody},
    dev::Payload,
    http::ConnectionType,
};
use futures_util::future::poll_fn;

use super::{answer::Answer, connection::Connection, incoming::IncomingBody};

/// Lets the service answer a request, and tells the connection of both.
pub(super) fn exchange<S, B>(
    mut request: Request,
    service: &S,
) -> impl Future<Output = Result<Response<Answer>, S::Error>> + use<S, B>
where
    S: Service<Request>,
    S::Future: 'static,
    S::Response: Into<Response<B>> + 'static,
    S::Error: Into<Response<BoxBody>> + 'static,
    B: MessageBody + 'static,
{
    let connection = request.conn_data::<Rc<Connection>>().cloned();
    // Where a request follows the body of the one before without a pause, its head is read with that body and not altered.
    let offers_protocol = request.head().connection_type() == ConnectionType::Upgrade;
    if let Some(connection) = &connection {
        begin(&mut request, connection);
    }
    let answered = service.call(request);
    let answering = Box::pin(async move {
        match answered.await {
            Ok(response) => response.into().map_into_boxed_body(),
            Err(error) => error.into(),
        }
    });
    async move {
        // Every connection has told of itself when it was opened.
        let Some(connection) = connection else {
            return Ok(answering.await.map_body(|_, body| Answer::new(body, None)));
        };
        connection.answer_by(answering);
        let mut response = poll_fn(|cx| connection.poll_answer(cx)).await;
        connection.begin_answer();
        if connection.ends_with_answer() || offers_protocol {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(response.map_body(|_, body| Answer::new(body, Some(connection))))
    }
}

fn begin(request: &mut Request, connection: &Rc<Connection>) {
    let payload = request.take_payload();
    let has_body = !matches!(payload, Payload::None);
    connection.begin_request(has_body);
    if has_body {
        let incoming = IncomingBody::new(payload, connection.clone());
        *request.payload() = Payload::Stream { payload: Box::pin(incoming) };
    }
}
