//! What is known of the line between here and the terminal: whether there is one, and how much of what was written has
//! not arrived yet.
//!
//! The terminal itself tells nothing of that: TIOCOUTQ of a pseudo-terminal is always 0, and a write blocks only after
//! some 17 kB there and up to a megabyte in ssh. The kernel does know how much of an ssh connection its other end has
//! not acknowledged, and anybody may read it. Where the other end is no person's machine but a relay on this one,
//! that says nothing either.

use std::net::IpAddr;

/// The way to the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The terminal is on this machine: whatever is written has arrived.
    Here,
    /// Over a network, by this connection.
    Far(Connection),
    /// Over a network; by which connection cannot be told, or its other end is a relay.
    Unknown,
}

/// An ssh connection as the kernel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The last part of its local address: `:5634`.
    local: String,
    /// Its remote address, as one and as an address of the other protocol: `0100007F:D431`.
    remote: [String; 2],
}

/// The tables of the kernel. One line for each connection: its addresses, its state, what it has in its queues.
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

impl Line {
    /// What the environment of the program says.
    pub fn find(var: impl Fn(&str) -> Option<String>) -> Self {
        let Some(connection) = var("SSH_CONNECTION") else {
            let far = ["SSH_TTY", "SSH_CLIENT"].iter().any(|name| var(name).is_some());
            return if far { Self::Unknown } else { Self::Here };
        };
        Connection::read(&connection).map_or(Self::Unknown, Self::Far)
    }

    /// Bytes that have been sent and not been acknowledged; `None` where nobody knows.
    pub fn underway(&self) -> Option<usize> {
        let Self::Far(connection) = self else { return None };
        TABLES.iter().find_map(|table| connection.underway(&std::fs::read_to_string(table).ok()?))
    }
}

impl Connection {
    /// From `CLIENT PORT SERVER PORT`.
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let address: IpAddr = words.next()?.parse().ok()?;
        let port: u16 = words.next()?.parse().ok()?;
        let local: u16 = words.nth(1)?.parse().ok()?;
        if address.is_loopback() {
            return None;
        }
        let remote = forms(address).map(|address| format!("{address}:{port:04X}"));
        Some(Self { local: format!(":{local:04X}"), remote })
    }

    /// What a table says of it.
    fn underway(&self, table: &str) -> Option<usize> {
        let mut rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
        let row = rows.find(|row| {
            let is =
                |column: usize, test: &dyn Fn(&str) -> bool| row.get(column).is_some_and(|word| test(word));
            is(1, &|word| word.ends_with(&self.local))
                && is(2, &|word| self.remote.iter().any(|one| one == word))
        })?;
        usize::from_str_radix(row.get(4)?.split(':').next()?, 16).ok()
    }
}

/// An address as the tables write it, as it is and wrapped for the other protocol.
fn forms(address: IpAddr) -> [String; 2] {
    let words = |octets: &[u8]| -> String {
        let words =
            octets.chunks_exact(4).map(|word| u32::from_ne_bytes([word[0], word[1], word[2], word[3]]));
        words.fold(String::new(), |text, word| text + &format!("{word:08X}"))
    };
    match address {
        IpAddr::V4(four) => [words(&four.octets()), words(&four.to_ipv6_mapped().octets())],
        IpAddr::V6(six) => {
            [words(&six.octets()), six.to_ipv4_mapped().map_or(String::new(), |four| words(&four.octets()))]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn far(text: &str) -> Option<Connection> {
        match Line::find(|name| (name == "SSH_CONNECTION").then(|| text.to_owned())) {
            Line::Far(connection) => Some(connection),
            _ => None,
        }
    }

    #[test]
    fn the_environment_says_whether_there_is_a_line() {
        for (name, value, expected) in [
            ("HOME", "/", Line::Here),
            ("SSH_TTY", "/dev/pts/1", Line::Unknown),
            ("SSH_CONNECTION", "127.0.0.1 5000 127.0.0.1 22", Line::Unknown),
            ("SSH_CONNECTION", "::1 5000 ::1 22", Line::Unknown),
            ("SSH_CONNECTION", "nonsense", Line::Unknown),
        ] {
            assert_eq!(Line::find(|asked| (asked == name).then(|| value.to_owned())), expected, "{value}");
        }
        assert!(far("192.0.2.7 54321 192.0.2.1 22").is_some());
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_kernel_tells_what_has_not_arrived() {
        let four = "  sl  local_address rem_address   st tx_queue rx_queue tr\n\
             0: 010200C0:0016 00000000:0000 0A 00000000:00000000 00:00000000\n\
             1: 010200C0:0016 070200C0:D431 01 00000A20:00000000 01:00000014\n";
        let six = "   0: 0000000000000000FFFF0000010200C0:0016 0000000000000000FFFF0000070200C0:D431 01 00000010:0 0\n";
        let connection = far("192.0.2.7 54321 192.0.2.1 22").unwrap();
        assert_eq!(connection.underway(four), Some(0xa20));
        assert_eq!(connection.underway(six), Some(0x10));
        assert_eq!(connection.underway(""), None);
        assert_eq!(far("192.0.2.7 54322 192.0.2.1 22").unwrap().underway(four), None);
        assert_eq!(far("192.0.2.7 54321 192.0.2.1 2222").unwrap().underway(four), None);
        assert!(far("2001:db8::7 54321 2001:db8::1 22").unwrap().underway(four).is_none());
    }
}
