//! Reading what was exported of the time since a backup: events, one after the other, or the pages of `GET /v1/events` or
//! `GET /v1/audit-events`, in whatever lines.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde_json::{Deserializer, Value, error::Category};

use crate::{
    cli::CliError,
    identity::restore::{Mistake, Place, Record},
};

/// The most bytes of a file, which is held in memory.
const LARGEST: u64 = 1 << 30;
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads every record of a file; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<Record>, CliError> {
    let name = path.display();
    let bytes = bytes_of(path).map_err(|error| format!("cannot read {name}: {error}"))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(format!("{name} is larger than 1 GiB: give the part since the backup").into());
    }
    let records = records_of(&bytes).map_err(|mistake| format!("{name}, {mistake}"))?;
    if records.is_empty() {
        return Err(format!("{name} has no events").into());
    }
    Ok(records)
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> =
        if path.as_os_str() == "-" { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn records_of(bytes: &[u8]) -> Result<Vec<Record>, Mistake> {
    let text = bytes.strip_prefix(UTF_8_MARK).unwrap_or(bytes);
    let mut records = Vec::new();
    let mut values = Deserializer::from_slice(text).into_iter::<Value>();
    let (mut line, mut seen) = (1, 0);
    loop {
        // The value begins behind the white space that follows the one before.
        let behind = text.get(values.byte_offset()..).unwrap_or_default();
        let blank = behind.len() - behind.trim_ascii_start().len();
        let begins = values.byte_offset() + blank;
        line += count_lines(text.get(seen..begins).unwrap_or_default());
        seen = begins;
        match values.next() {
            None => return Ok(records),
            Some(Ok(value)) => add(&mut records, line, value)?,
            Some(Err(error)) => {
                let line = u64::try_from(error.line()).unwrap_or(u64::MAX);
                let sentence = match error.classify() {
                    Category::Eof => "the file is cut off here".to_owned(),
                    _ => format!("this is no JSON from column {} on", error.column()),
                };
                return Err(Mistake::new(Place { line, nth: None }, sentence));
            }
        }
    }
}

fn count_lines(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// Adds the records of a value: an event, a page of events, or a list of them.
fn add(records: &mut Vec<Record>, line: u64, value: Value) -> Result<(), Mistake> {
    let alone = Place { line, nth: None };
    let several = match value {
        Value::Array(several) => several,
        Value::Object(mut page) if page.contains_key("events") => match page.remove("events") {
            Some(Value::Array(several)) => several,
            _ => return Err(Mistake::new(alone, "`events` is no list")),
        },
        other => {
            records.push(Record::read(alone, other)?);
            return Ok(());
        }
    };
    for (nth, value) in (1..).zip(several) {
        records.push(Record::read(Place { line, nth: Some(nth) }, value)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(nth: char, account: &str, event_type: &str) -> String {
        let id = nth.to_string().repeat(26);
        format!(
            r#"{{"id":"evt_{id}","type":"{event_type}","timestamp":"2026-11-28T12:00:00.000Z","data":{{"version":1,"account_id":"{account}"}}}}"#
        )
    }

    fn places(text: &str) -> Vec<String> {
        records_of(text.as_bytes()).unwrap().iter().map(|record| record.place.to_string()).collect()
    }

    fn refusal(text: &str) -> String {
        records_of(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn dp_07_events_are_read_one_a_line_in_pages_and_in_lists() {
        let account = "p4tmx3rj5kq2vw7c6hzn7ydsae";
        let [one, other] = ['a', 'b'].map(|nth| event(nth, account, "account.closed"));
        assert_eq!(places(&format!("{one}\n\n{other}\n")), ["line 1", "line 3"]);
        let page = format!("{{\"events\":[{one},\n{other}],\"next\":\"x\"}}");
        assert_eq!(
            places(&format!("\u{feff}{page}\n{page}")),
            ["line 1, event 1", "line 1, event 2", "line 3, event 1", "line 3, event 2"]
        );
        assert_eq!(places(&format!("[{one}, {other}]")), ["line 1, event 1", "line 1, event 2"]);
        assert_eq!(places("{\"events\":[],\"next\":\"x\"}"), Vec::<String>::new());
    }

    #[test]
    fn dp_07_a_file_that_is_no_export_is_refused_by_line() {
        let account = "p4tmx3rj5kq2vw7c6hzn7ydsae";
        let good = event('a', account, "account.closed");
        let cut = &good[..good.len() - 9];
        assert_eq!(refusal(&format!("{good}\n{cut}")), "line 2: the file is cut off here");
        assert_eq!(refusal(&format!("{good}\nnonsense")), "line 2: this is no JSON from column 2 on");
        assert_eq!(refusal("7"), "line 1: this is neither an event nor a page of them");
        assert_eq!(refusal("{\"events\":{}}"), "line 1: `events` is no list");
        assert_eq!(
            refusal("[{}]"),
            "line 1, event 1: this is neither an event nor an entry of the trail of this service"
        );
        let forged = event('1', account, "account.closed");
        assert_eq!(refusal(&forged), "line 1: `id` is no id of an event");
        assert_eq!(refusal(&event('a', "1", "account.closed")), "line 1: `account_id` is no id of an account");
        let of_nobody = good.replace("account_id", "account");
        assert_eq!(refusal(&of_nobody), "line 1: account.closed names no account");
        let untimely = good.replace("2026-11-28T", "yesterday, ");
        assert_eq!(refusal(&untimely), "line 1: `timestamp` is no time by RFC 3339");
        let undecided = event('a', account, "account.locked_down");
        assert_eq!(refusal(&undecided), "line 1: `contested` is neither true nor false");
    }
}
