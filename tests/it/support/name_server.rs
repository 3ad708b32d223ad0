//! A name server on this machine, which knows some texts.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, UdpSocket},
    thread,
};

use simple_dns::{
    CLASS, Name, Packet, PacketFlag, RCODE, ResourceRecord,
    rdata::{RData, TXT},
};

/// Starts a name server with these texts. It answers until the process ends, and says of every other name that there is
/// none.
pub(crate) fn name_server(texts: &[(&str, &str)]) -> SocketAddr {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, text) in texts {
        known.entry((*name).to_owned()).or_default().push((*text).to_owned());
    }
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            socket.send_to(&answer(&buffer[..length], &known), from).unwrap();
        }
    });
    address
}

fn answer(question: &[u8], known: &BTreeMap<String, Vec<String>>) -> Vec<u8> {
    let question = Packet::parse(question).unwrap();
    let name = question.questions[0].qname.to_string();
    let mut reply = Packet::new_reply(question.id());
    reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
    let texts = known.get(&name);
    if texts.is_none() {
        *reply.rcode_mut() = RCODE::NameError;
    }
    for text in texts.into_iter().flatten() {
        // A part of a text has 255 bytes at most.
        let parts = text.as_bytes().chunks(255).map(|part| std::str::from_utf8(part).unwrap());
        let text = parts.fold(TXT::new(), |text, part| text.with_string(part).unwrap());
        let owner = Name::new(&name).unwrap().into_owned();
        reply.answers.push(ResourceRecord::new(owner, CLASS::IN, 60, RData::TXT(text)));
    }
    reply.questions.clone_from(&question.questions);
    reply.build_bytes_vec().unwrap()
}
