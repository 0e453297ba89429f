//! Whose a packet is that arrives at a port which many connections share.
//!
//! A connection that gets through is known by its peer's address. How it gets there: ICE's checks name the connection that they
//! are for; responses carry the number of a request that went out; and a peer whose check was answered, or who has answered
//! one, is authentic, because both need the password in the descriptions.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::packet::{Packet, Transaction};

/// Requests of one connection whose response may still come: some seconds' worth of checks.
const MAX_TRANSACTIONS: usize = 256;
/// Addresses of one connection's peer that were found to be its: ways through several networks.
const MAX_ADDRESSES: usize = 32;

/// One connection at a shared port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SeatId(u64);

/// A packet on its way to its connection.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) from: SocketAddr,
    pub(super) bytes: Bytes,
}

/// Where a connection takes packets for one of this machine's addresses.
#[derive(Debug)]
struct Inbox {
    address: IpAddr,
    queue: mpsc::Sender<Datagram>,
}

#[derive(Debug, Default)]
struct Seat {
    inboxes: Vec<Inbox>,
    ufrag: Option<String>,
    transactions: VecDeque<Transaction>,
    addresses: VecDeque<SocketAddr>,
}

#[derive(Debug, Default)]
struct Plan {
    seats: HashMap<SeatId, Seat>,
    next: u64,
    by_ufrag: HashMap<String, SeatId>,
    by_transaction: HashMap<Transaction, SeatId>,
    by_address: HashMap<SocketAddr, SeatId>,
}

/// Who sits at a shared port.
#[derive(Debug, Default)]
pub(super) struct Seats(Mutex<Plan>);

impl Seats {
    /// Nothing in here panics half-way.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self) -> SeatId {
        let mut plan = self.plan();
        let id = SeatId(plan.next);
        plan.next += 1;
        plan.seats.insert(id, Seat::default());
        id
    }

    /// From now on checks that name this are its.
    pub(super) fn name(&self, id: SeatId, ufrag: &str) {
        let plan = &mut *self.plan();
        let Some(seat) = plan.seats.get_mut(&id) else {
            return;
        };
        if let Some(before) = seat.ufrag.replace(ufrag.to_owned()) {
            forget(&mut plan.by_ufrag, &before, id);
        }
        plan.by_ufrag.insert(ufrag.to_owned(), id);
    }

    /// From now on packets for this address of ours go there.
    pub(super) fn listen(&self, id: SeatId, address: IpAddr, queue: mpsc::Sender<Datagram>) {
        if let Some(seat) = self.plan().seats.get_mut(&id) {
            seat.inboxes.retain(|inbox| inbox.address != address);
            seat.inboxes.push(Inbox { address, queue });
        }
    }

    pub(super) fn leave(&self, id: SeatId) {
        let plan = &mut *self.plan();
        let Some(seat) = plan.seats.remove(&id) else {
            return;
        };
        if let Some(ufrag) = &seat.ufrag {
            forget(&mut plan.by_ufrag, ufrag, id);
        }
        for transaction in &seat.transactions {
            forget(&mut plan.by_transaction, transaction, id);
        }
        for address in &seat.addresses {
            forget(&mut plan.by_address, address, id);
        }
    }

    /// Takes note of what a connection sends.
    pub(super) fn sent(&self, id: SeatId, to: SocketAddr, packet: Packet<'_>) {
        match packet {
            Packet::Request { transaction, .. } => self.plan().asked(id, transaction),
            // The check that it answers had the right password.
            Packet::Response { success: true, .. } => self.plan().met(id, to),
            Packet::Response { success: false, .. } | Packet::Turn | Packet::Other => {}
        }
    }

    /// Where a packet goes; `None` where it is nobody's.
    pub(super) fn route(
        &self,
        from: SocketAddr,
        to: Option<IpAddr>,
        bytes: &[u8],
    ) -> Option<mpsc::Sender<Datagram>> {
        let mut plan = self.plan();
        let id = match Packet::read(bytes) {
            Packet::Request { to, .. } => *plan.by_ufrag.get(to?)?,
            Packet::Response {
                transaction,
                success,
            } => {
                let id = *plan.by_transaction.get(&transaction)?;
                if success {
                    plan.met(id, from);
                }
                id
            }
            Packet::Turn | Packet::Other => *plan.by_address.get(&from)?,
        };
        let inboxes = &plan.seats.get(&id)?.inboxes;
        // A machine with one address of a kind may be told another by its system.
        let exact = inboxes.iter().find(|inbox| Some(inbox.address) == to);
        let same_kind = |inbox: &&Inbox| inbox.address.is_ipv4() == from.is_ipv4();
        let inbox = exact.or_else(|| inboxes.iter().find(same_kind))?;
        Some(inbox.queue.clone())
    }
}

impl Plan {
    fn asked(&mut self, id: SeatId, transaction: Transaction) {
        let Some(seat) = self.seats.get_mut(&id) else {
            return;
        };
        // One that is sent again.
        if self.by_transaction.insert(transaction, id) == Some(id) {
            return;
        }
        seat.transactions.push_back(transaction);
        if seat.transactions.len() > MAX_TRANSACTIONS
            && let Some(oldest) = seat.transactions.pop_front()
        {
            forget(&mut self.by_transaction, &oldest, id);
        }
    }

    /// A peer has been found to be this connection's. Should it have had another at the same address, that one is over.
    fn met(&mut self, id: SeatId, address: SocketAddr) {
        let Some(seat) = self.seats.get_mut(&id) else {
            return;
        };
        if self.by_address.insert(address, id) == Some(id) {
            return;
        }
        seat.addresses.retain(|known| *known != address);
        seat.addresses.push_back(address);
        if seat.addresses.len() > MAX_ADDRESSES
            && let Some(oldest) = seat.addresses.pop_front()
        {
            forget(&mut self.by_address, &oldest, id);
        }
    }
}

/// Removes what is still this connection's.
fn forget<K: Eq + Hash + Clone>(map: &mut HashMap<K, SeatId>, key: &K, id: SeatId) {
    if map.get(key) == Some(&id) {
        map.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const DTLS: &[u8] = &[22, 254, 253];

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    fn stun(kind: u16, transaction: u8, username: &str) -> Vec<u8> {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend((username.len() as u16 + 4).to_be_bytes());
        bytes.extend([0x21, 0x12, 0xA4, 0x42]);
        bytes.extend([transaction; 12]);
        bytes.extend([0, 6]);
        bytes.extend((username.len() as u16).to_be_bytes());
        bytes.extend(username.bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    struct Sitting {
        id: SeatId,
        inbox: mpsc::Receiver<Datagram>,
    }

    fn sit(seats: &Seats, ufrag: &str) -> Sitting {
        let id = seats.take();
        let (queue, inbox) = mpsc::channel(8);
        seats.listen(id, HERE, queue);
        seats.name(id, ufrag);
        Sitting { id, inbox }
    }

    /// Whether a packet goes to this one.
    fn gets(seats: &Seats, sitting: &mut Sitting, from: SocketAddr, bytes: &[u8]) -> bool {
        let Some(queue) = seats.route(from, Some(HERE), bytes) else {
            return false;
        };
        let bytes = Bytes::copy_from_slice(bytes);
        queue.try_send(Datagram { from, bytes }).unwrap();
        sitting.inbox.try_recv().is_ok()
    }

    #[test]
    fn checks_go_to_whom_they_name() {
        let seats = Seats::default();
        let (mut ada, mut bob) = (sit(&seats, "ada"), sit(&seats, "bob"));
        assert!(gets(&seats, &mut ada, at(1), &stun(1, 0, "ada:x")));
        assert!(gets(&seats, &mut bob, at(1), &stun(1, 0, "bob:x")));
        assert!(
            seats
                .route(at(1), Some(HERE), &stun(1, 0, "eve:x"))
                .is_none()
        );
    }

    #[test]
    fn a_check_alone_makes_nobody_a_peer() {
        let seats = Seats::default();
        let mut ada = sit(&seats, "ada");
        assert!(gets(&seats, &mut ada, at(1), &stun(1, 0, "ada:x")));
        assert!(seats.route(at(1), Some(HERE), DTLS).is_none());
        // The connection has looked at it and answers.
        seats.sent(ada.id, at(1), Packet::read(&stun(0x0101, 0, "")));
        assert!(gets(&seats, &mut ada, at(1), DTLS));
    }

    #[test]
    fn answers_go_to_who_asked_and_make_a_peer() {
        let seats = Seats::default();
        let (mut ada, mut bob) = (sit(&seats, "ada"), sit(&seats, "bob"));
        seats.sent(ada.id, at(1), Packet::read(&stun(1, 1, "x:ada")));
        seats.sent(bob.id, at(1), Packet::read(&stun(1, 2, "x:bob")));
        assert!(gets(&seats, &mut bob, at(1), &stun(0x0101, 2, "")));
        assert!(gets(&seats, &mut bob, at(1), DTLS));
        assert!(gets(&seats, &mut ada, at(1), &stun(0x0101, 1, "")));
        assert!(
            seats
                .route(at(1), Some(HERE), &stun(0x0101, 3, ""))
                .is_none()
        );
    }

    #[test]
    fn who_has_left_gets_nothing_and_leaves_no_trace() {
        let seats = Seats::default();
        let ada = sit(&seats, "ada");
        seats.sent(ada.id, at(1), Packet::read(&stun(1, 1, "x:ada")));
        seats.sent(ada.id, at(1), Packet::read(&stun(0x0101, 0, "")));
        seats.leave(ada.id);
        assert!(seats.route(at(1), Some(HERE), DTLS).is_none());
        let plan = seats.plan();
        assert!(plan.by_ufrag.is_empty() && plan.by_transaction.is_empty());
        assert!(plan.by_address.is_empty() && plan.seats.is_empty());
    }

    #[test]
    fn a_peers_next_connection_from_the_same_address_takes_over() {
        let seats = Seats::default();
        let (ada, mut bob) = (sit(&seats, "ada"), sit(&seats, "bob"));
        seats.sent(ada.id, at(1), Packet::read(&stun(0x0101, 0, "")));
        seats.sent(bob.id, at(1), Packet::read(&stun(0x0101, 0, "")));
        assert!(gets(&seats, &mut bob, at(1), DTLS));
        seats.leave(ada.id);
        assert!(gets(&seats, &mut bob, at(1), DTLS));
    }

    #[test]
    fn nobody_makes_it_remember_without_end() {
        let seats = Seats::default();
        let ada = sit(&seats, "ada");
        for port in 1..2000_u16 {
            let mut request = stun(1, 0, "x:ada");
            request[8..10].copy_from_slice(&port.to_be_bytes());
            seats.sent(ada.id, at(1), Packet::read(&request));
            seats.sent(ada.id, at(port), Packet::read(&stun(0x0101, 0, "")));
        }
        let plan = seats.plan();
        assert_eq!(plan.by_transaction.len(), MAX_TRANSACTIONS);
        assert_eq!(plan.by_address.len(), MAX_ADDRESSES);
    }
}
