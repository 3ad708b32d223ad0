//! Questions to name servers, for the texts that a domain publishes about its mail (RFC 1035, RFC 6891).

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE, rdata::RData};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use crate::types::random_bytes;

/// The name servers of the system.
const SYSTEM: &str = "/etc/resolv.conf";
const PORT: u16 = 53;
/// How long one server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a server is asked: a datagram may get lost.
const TRIES: usize = 2;
/// How many servers are asked, as in the resolver of the system.
const MOST_SERVERS: usize = 3;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LookUpFailure {
    /// The system names no server.
    #[error("/etc/resolv.conf names no name server")]
    NoServer,
    /// No server answers.
    #[error("no name server answers")]
    Silent,
    /// A server answers that it cannot say.
    #[error("the name server cannot answer")]
    Refused,
    /// The name is too long, or has an empty part.
    #[error("this is no name that can be asked for")]
    NoName,
}

/// Name servers that answer on behalf of others.
pub(crate) struct NameServers(Vec<SocketAddr>);

impl NameServers {
    /// Those of the system.
    pub(crate) fn of_system() -> Self {
        Self(listed(&fs::read_to_string(SYSTEM).unwrap_or_default()))
    }

    /// This one alone.
    pub(crate) fn only(address: SocketAddr) -> Self {
        Self(vec![address])
    }

    /// The texts (`TXT`) that a name has, aliases followed; none where the name does not exist.
    pub(crate) async fn texts(&self, name: &str) -> Result<Vec<String>, LookUpFailure> {
        let mut last = LookUpFailure::NoServer;
        for server in &self.0 {
            for _ in 0..TRIES {
                match ask_in_time(*server, name).await {
                    Err(failure @ (LookUpFailure::Refused | LookUpFailure::Silent)) => last = failure,
                    decided => return decided,
                }
            }
        }
        Err(last)
    }
}

/// The servers that the lines `nameserver` name.
fn listed(text: &str) -> Vec<SocketAddr> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    // A zone of an IPv6 address cannot be written into a socket address without the number of its interface.
    let addresses = lines.filter_map(|rest| rest.split_whitespace().next()?.parse::<IpAddr>().ok());
    addresses.take(MOST_SERVERS).map(|ip| SocketAddr::new(ip, PORT)).collect()
}

async fn ask_in_time(server: SocketAddr, name: &str) -> Result<Vec<String>, LookUpFailure> {
    timeout(PATIENCE, ask(server, name)).await.unwrap_or(Err(LookUpFailure::Silent))
}

async fn ask(server: SocketAddr, name: &str) -> Result<Vec<String>, LookUpFailure> {
    let id = u16::from_be_bytes(random_bytes::<2>());
    let question = question(id, name)?;
    let answer = over_udp(server, &question, id).await?;
    let answer = match Packet::parse(&answer) {
        // The rest did not fit into a datagram (RFC 7766 §5).
        Ok(packet) if packet.has_flags(PacketFlag::TRUNCATION) => over_tcp(server, &question).await?,
        _ => answer,
    };
    texts_in(&answer, id)
}

fn question(id: u16, name: &str) -> Result<Vec<u8>, LookUpFailure> {
    let name = Name::new(name).map_err(|_| LookUpFailure::NoName)?;
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let (kind, class) = (QTYPE::TYPE(TYPE::TXT), QCLASS::CLASS(CLASS::IN));
    packet.questions.push(Question::new(name, kind, class, false));
    packet.build_bytes_vec().map_err(|_| LookUpFailure::NoName)
}

async fn over_udp(server: SocketAddr, question: &[u8], id: u16) -> Result<Vec<u8>, LookUpFailure> {
    let silent = |_| LookUpFailure::Silent;
    let here: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((here, 0)).await.map_err(silent)?;
    // Datagrams of others are left out from here on.
    socket.connect(server).await.map_err(silent)?;
    socket.send(question).await.map_err(silent)?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await.map_err(silent)?;
        let answer = buffer.get(..length).unwrap_or_default();
        // One to an earlier question, or a forged one.
        if answer.get(..2) == Some(id.to_be_bytes().as_slice()) {
            return Ok(answer.to_vec());
        }
    }
}

/// Asks over a connection, where each message has its length before it (RFC 1035 §4.2.2).
async fn over_tcp(server: SocketAddr, question: &[u8]) -> Result<Vec<u8>, LookUpFailure> {
    let silent = |_| LookUpFailure::Silent;
    let length = u16::try_from(question.len()).map_err(|_| LookUpFailure::NoName)?;
    let mut stream = TcpStream::connect(server).await.map_err(silent)?;
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await.map_err(silent)?;
    let mut answer = vec![0; usize::from(stream.read_u16().await.map_err(silent)?)];
    stream.read_exact(&mut answer).await.map_err(silent)?;
    Ok(answer)
}

fn texts_in(answer: &[u8], id: u16) -> Result<Vec<String>, LookUpFailure> {
    let packet = Packet::parse(answer).map_err(|_| LookUpFailure::Refused)?;
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) {
        return Err(LookUpFailure::Refused);
    }
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Ok(Vec::new()),
        _ => return Err(LookUpFailure::Refused),
    }
    let texts = packet.answers.into_iter().filter_map(|record| match record.rdata {
        RData::TXT(text) => String::try_from(text).ok(),
        _ => None,
    });
    Ok(texts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_11_the_name_servers_of_the_system_are_those_of_its_lines() {
        let text = "# nameserver 192.0.2.9\nsearch example.si\nnameserver 192.0.2.1\n  nameserver  2001:db8::1 # two\n\
                    nameserver fe80::1%eth0\nnameserver\n";
        let listed: Vec<String> = listed(text).iter().map(ToString::to_string).collect();
        assert_eq!(listed, ["192.0.2.1:53", "[2001:db8::1]:53"]);
        assert_eq!(super::listed("").len(), 0);
    }

    #[test]
    fn op_11_a_name_that_cannot_be_asked_for_is_refused() {
        assert!(question(7, "resend._domainkey.example.si").is_ok());
        assert_eq!(question(7, &format!("{}.si", "x".repeat(64))), Err(LookUpFailure::NoName));
    }

    #[test]
    fn op_11_an_answer_to_another_question_is_none() {
        let mut packet = Packet::new_reply(7);
        let bytes = packet.build_bytes_vec().unwrap();
        assert_eq!(texts_in(&bytes, 7), Ok(Vec::new()));
        assert_eq!(texts_in(&bytes, 8), Err(LookUpFailure::Refused));
        *packet.rcode_mut() = RCODE::ServerFailure;
        assert_eq!(texts_in(&packet.build_bytes_vec().unwrap(), 7), Err(LookUpFailure::Refused));
        *packet.rcode_mut() = RCODE::NameError;
        assert_eq!(texts_in(&packet.build_bytes_vec().unwrap(), 7), Ok(Vec::new()));
        assert_eq!(texts_in(b"nonsense", 7), Err(LookUpFailure::Refused));
    }
}
