//! The demo from its start to its end.

use std::{env, fs, net::SocketAddr, path::PathBuf, process::ExitCode};

use url::Url;

use super::{
    caller::Caller,
    customers::{NUMBER_TO_TRY, OLD_PASSWORD, make_customers},
    walk::Walk,
};
use crate::{
    cli::{
        CliError,
        background::StopSignals,
        common::{WhereMissing, prepare_database},
        listeners::bind_or_any_port,
        logging,
        output::{is_lost, tell},
        service::Service,
    },
    config,
    jobs::Background,
    pages::Page,
    types::Id,
};

/// Deletes the demo's folder when the demo ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

pub(in crate::cli) async fn run(exit: bool) -> Result<ExitCode, CliError> {
    let folder = Folder(env::temp_dir().join(format!("stakis-demo-{}", Id::<Folder>::mint())));
    let data_dir = ("STAKIS_DATA_DIR".to_owned(), folder.0.to_string_lossy().into_owned());
    let config = config::read([data_dir])?;
    logging::start(config.environment, "warn");
    let listener = bind_or_any_port(config.listen)?;
    let address = listener.local_addr()?;
    prepare_database(&config, WhereMissing::Make)?;
    let service = Service::start(&config, listener, None, Background::Everything).await?;
    tell("STAkis Identity: a customer has forgotten the password.");
    tell_taken_ports(&service, config.listen, address);
    make_customers(&service.app).await?;
    let failures = Walk::new(Caller::new(&service)?).take_every_step().await;
    if failures == 0 {
        tell("\nEvery step went as it should.");
    } else {
        tell(format_args!("\n{failures} checks failed."));
    }
    if !exit && !is_lost() {
        invite(&service);
        StopSignals::listen()?.next().await;
    }
    service.stop().await?;
    drop(folder);
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell_taken_ports(service: &Service, wanted: SocketAddr, bound: SocketAddr) {
    if wanted != bound {
        tell(format_args!("Port {} is taken, so the service listens on {}.", wanted.port(), bound.port()));
    }
    if let Some(port) = service.mailbox_url().and_then(Url::port).filter(|port| *port != 8025) {
        tell(format_args!("Port 8025 is taken, so the mailbox listens on {port}."));
    }
}

fn invite(service: &Service) {
    tell(format_args!("\nIt stays up. Try it yourself, as customer {NUMBER_TO_TRY} (password {OLD_PASSWORD}):"));
    tell(format_args!("  sign-in             {}{}", service.app.links.public_url(), Page::SignIn.path()));
    tell(format_args!("  forgotten password  {}{}", service.app.links.public_url(), Page::ForgotPassword.path()));
    if let Some(url) = service.mailbox_url() {
        tell(format_args!("  mailbox             {url}"));
    }
    tell(format_args!("  API documentation   {}docs/", service.public_url));
    tell("Ctrl-C ends it and deletes everything.");
}
