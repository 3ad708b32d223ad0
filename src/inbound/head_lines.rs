//! The lines of a request head as they are read. Offers to change the protocol are made unrecognizable on the way.
//!
//! A server may ignore such an offer (RFC 9110 §7.8), and this one speaks no other protocol. Actix ends the connection
//! after the answer to one, without saying so, and takes all that follows an offer of `WebSocket` for its body.

/// The word by which a client offers another protocol: a header of this name, and this option of `Connection`.
const UPGRADE: &[u8] = b"upgrade";
const CONNECTION: &[u8] = b"connection:";
/// Takes the place of the last letter of the word.
const SUBSTITUTE: u8 = b'_';

/// Where in the lines the reading is. It goes on from one part of the bytes to the next.
#[derive(Default)]
pub(super) struct HeadLines {
    /// Whether a line has ended since the last blank one.
    has_ended_line: bool,
    /// The bytes of the present line, a carriage return not counted.
    length: usize,
    /// How many bytes at the beginning of the line are those of [`CONNECTION`].
    connection: usize,
    /// How many bytes are the beginning of [`UPGRADE`], up to the present place.
    upgrade: usize,
}

impl HeadLines {
    /// Reads up to the end of the next blank line that follows another line; `None` where there is none yet. One is at the
    /// end of each head and of each body in chunks. Actix also takes lines that end without a carriage return. In a head,
    /// offers to change the protocol are altered.
    pub(super) fn read(&mut self, bytes: &mut [u8], is_head: bool) -> Option<usize> {
        for (index, byte) in bytes.iter_mut().enumerate() {
            match byte {
                b'\n' => {
                    let is_end = self.length == 0 && self.has_ended_line;
                    *self = Self { has_ended_line: !is_end, ..Self::default() };
                    if is_end {
                        return Some(index + 1);
                    }
                }
                b'\r' => {}
                _ => {
                    if self.ends_offer(*byte) && is_head {
                        *byte = SUBSTITUTE;
                    }
                }
            }
        }
        None
    }

    /// Takes the next byte of a line. Returns whether the word ends with it, at the beginning of the line or as an option
    /// of `Connection`. A header whose name only begins with the word is told apart by nothing here, and means nothing to
    /// this service.
    fn ends_offer(&mut self, byte: u8) -> bool {
        let byte = byte.to_ascii_lowercase();
        if self.connection == self.length && CONNECTION.get(self.length) == Some(&byte) {
            self.connection += 1;
        }
        // No letter of the word but the first is its first, so a mismatch begins it again at most.
        self.upgrade = match UPGRADE.get(self.upgrade) {
            Some(expected) if *expected == byte => self.upgrade + 1,
            _ => usize::from(UPGRADE.first() == Some(&byte)),
        };
        self.length += 1;
        let is_name = self.upgrade == self.length;
        let is_option = self.connection == CONNECTION.len();
        self.upgrade == UPGRADE.len() && (is_name || is_option)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, parts: usize) -> (String, Option<usize>) {
        let mut bytes = text.as_bytes().to_vec();
        let mut lines = HeadLines::default();
        let (mut end, mut before) = (None, 0);
        for part in bytes.chunks_mut(parts) {
            end = end.or(lines.read(part, true).map(|length| before + length));
            before += part.len();
        }
        (String::from_utf8(bytes).unwrap(), end)
    }

    #[test]
    fn a_blank_line_ends_a_head_with_or_without_carriage_returns() {
        for (text, end) in [
            ("", None),
            ("GET / HTTP/1.1\r\nHost: x\r\n", None),
            ("a\r\n\r\nb", Some(5)),
            ("a\n\nb", Some(3)),
            ("a\n\r\nb", Some(4)),
            ("\r\na\r\n\r\n", Some(7)),
            ("0\r\n\r\nGET", Some(5)),
            ("a\r\n\r", None),
            ("a\r\rb", None),
        ] {
            for parts in [1, 2, 3, 100] {
                assert_eq!(read(text, parts).1, end, "{text:?} in parts of {parts}");
            }
        }
    }

    #[test]
    fn ap_16_offers_to_change_the_protocol_are_altered_in_every_form() {
        let head = "POST /upgrade HTTP/1.1\r\nHost: upgrade\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
            CONNECTION:keep-alive,UPGRADE\r\nupgrade:websocket\r\nX-Upgrade: 1\r\nX-Connection: upgrade\r\n\r\n";
        let altered = "POST /upgrade HTTP/1.1\r\nHost: upgrade\r\nConnection: Upgrad_, HTTP2-Settings\r\nUpgrad_: h2c\r\n\
            CONNECTION:keep-alive,UPGRAD_\r\nupgrad_:websocket\r\nX-Upgrade: 1\r\nX-Connection: upgrade\r\n\r\n";
        for parts in [1, 2, 5, 7, 1000] {
            assert_eq!(read(head, parts), (altered.to_owned(), Some(head.len())), "in parts of {parts}");
        }
    }

    #[test]
    fn ap_16_a_body_is_not_altered() {
        let mut body = *b"Connection: upgrade\r\n";
        assert_eq!(HeadLines::default().read(&mut body, false), None);
        assert_eq!(&body, b"Connection: upgrade\r\n");
    }
}
