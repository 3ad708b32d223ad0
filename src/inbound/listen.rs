//! The server of a listener.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix_http::{HttpServiceBuilder, KeepAlive, Request, Response};
use actix_server::ServerBuilder;
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, apply_fn_factory, map_config,
};
use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{AppConfig, Extensions, Server},
    rt::net::TcpStream,
};
use ipnet::IpNet;
use rustix::net::sockopt;

use super::{
    answer::PIECE,
    bounds::Bounds,
    connection::Connection,
    exchange::exchange,
    parting::part,
    places::{Change, Places},
    stream::Stream,
    watch::Watched,
};

/// The bytes that the system holds of a connection, in each direction. It adds as many for its own purposes.
const SOCKET_BUFFER: usize = 64 * 1024;

/// How a listener serves.
pub struct Listening {
    /// What it grants its callers.
    pub bounds: Bounds,
    /// The proxies to which the bound for a source does not apply.
    pub trusted_proxies: Vec<IpNet>,
    /// How many threads serve; `None` for one on each core.
    pub workers: Option<usize>,
    /// The time that running requests have to finish after the server is told to stop, in seconds.
    pub shutdown_timeout_seconds: u64,
    /// Is told of every connection.
    pub observer: Arc<dyn Fn(Change) + Send + Sync>,
}

/// Serves what `factory` makes, once on each thread, on a bound listener.
pub fn listen<F, I, S, B>(listener: TcpListener, listening: Listening, factory: F) -> io::Result<Server>
where
    F: Fn() -> I + Clone + Send + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let Listening { bounds, trusted_proxies, workers, shutdown_timeout_seconds, observer } = listening;
    let address = listener.local_addr()?;
    // Connections inherit them. The system would let them grow to megabytes for each client that reads or is read slowly.
    sockopt::set_socket_send_buffer_size(&listener, SOCKET_BUFFER)?;
    sockopt::set_socket_recv_buffer_size(&listener, SOCKET_BUFFER)?;
    let places = Arc::new(Places::new(&bounds, trusted_proxies, observer));
    let mut server = ServerBuilder::new().disable_signals().shutdown_timeout(shutdown_timeout_seconds);
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    let stop = server.graceful_shutdown_signal();
    let server = server.listen("http", listener, move || {
        let stop = stop.clone();
        let (places, bounds) = (places.clone(), Rc::new(bounds.clone()));
        let app = map_config(factory(), |()| AppConfig::default())
            .map_err(|error| Response::<BoxBody>::from(error.into().error_response()));
        let http = HttpServiceBuilder::<Stream, _>::default()
            // The deadlines of this room are in force for every request, not for the first one alone.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .h1_write_buffer_size(PIECE)
            .local_addr(address)
            .on_connect_ext(|stream: &Stream, data: &mut Extensions| {
                data.insert(stream.connection.clone());
            })
            .graceful_shutdown_signal(move || {
                let stop = stop.clone();
                async move { stop.notified().await }
            })
            .h1(apply_fn_factory(app, exchange::<_, B>));
        apply_fn_factory(http, move |socket, http: &_| serve(socket, http, &places, &bounds))
    })?;
    Ok(server.run())
}

/// Serves one connection up to its end.
fn serve<H>(
    socket: TcpStream,
    http: &H,
    places: &Arc<Places>,
    bounds: &Rc<Bounds>,
) -> impl Future<Output = Result<(), H::Error>> + use<H>
where
    H: Service<(Stream, Option<SocketAddr>), Response = ()>,
{
    // A client that has gone already has no address.
    let peer = socket.peer_addr().ok();
    let place = peer.and_then(|peer| places.take(peer.ip()));
    let opened = place.map(|place| {
        // The last piece of an answer must not wait for the client to confirm the one before.
        drop(socket.set_nodelay(true));
        let connection = Rc::new(Connection::new(socket, place, bounds.clone()));
        let dispatcher = http.call((Stream::new(connection.clone()), peer));
        (connection, dispatcher)
    });
    async move {
        if let Some((connection, dispatcher)) = opened {
            let end = Watched::new(dispatcher, connection.clone()).await;
            // The connection lives much longer than its parting, and holds no memory for it meanwhile.
            Box::pin(part(&connection, end)).await;
        }
        Ok(())
    }
}
