//! `hosts COUNT DELAY_MS LOSS_PERCENT`: a network of COUNT hosts, each a TUN device `lot0`, `lot1`, … with the address
//! 10.77.x.y, where x·256 + y is its number plus 1. Whoever started it moves each device into a network namespace.
//!
//! Each packet arrives DELAY_MS after it was sent, in order, or, LOSS_PERCENT of the time, never. That is what `tc netem`
//! does where the kernel has it. A line `ready` says that the devices are there; after that, each second, a line of JSON
//! says what host 0 has sent and how late packets are handed over beyond their delay.

mod tun;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use anyhow::Context;

/// Longer than any packet: the devices' MTU is 1500.
const PACKET: usize = 2048;
/// Packets read from one host before the others have their turn.
const TURN: usize = 64;
/// Packets on their way: some seconds of the largest networks. More are lost, as in a router.
const ON_THE_WAY: usize = 200_000;
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    let numbers: Vec<f64> = std::env::args()
        .skip(1)
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    let [count, delay, loss] = numbers[..] else {
        anyhow::bail!("usage: hosts COUNT DELAY_MS LOSS_PERCENT");
    };
    let hosts = (0..count as usize)
        .map(|host| tun::open(&format!("lot{host}")))
        .collect::<Result<Vec<_>, _>>()
        .context("cannot make TUN devices: root is needed, and a kernel with TUN")?;
    println!("ready");
    Network {
        hosts,
        delay: Duration::from_secs_f64(delay / 1000.0),
        loss: loss / 100.0,
        dice: 0x2545_f491_4f6c_dd1d,
        on_the_way: VecDeque::new(),
        report: Report::default(),
    }
    .run()
}

struct Network {
    hosts: Vec<File>,
    delay: Duration,
    loss: f64,
    dice: u64,
    /// All wait equally long: the first one in is the first one out.
    on_the_way: VecDeque<OnTheWay>,
    report: Report,
}

struct OnTheWay {
    due: Instant,
    to: usize,
    bytes: Box<[u8]>,
}

/// Since the start.
#[derive(Default)]
struct Report {
    packets: u64,
    lost: u64,
    overflowed: u64,
    first_host_bytes: u64,
    /// Since the last report.
    latest: Duration,
}

impl Network {
    fn run(mut self) -> anyhow::Result<()> {
        let mut waiting = tun::Waiting::new(&self.hosts)?;
        let mut report_due = Instant::now() + REPORT_INTERVAL;
        loop {
            let now = Instant::now();
            self.deliver(now);
            if now >= report_due {
                report_due = now + REPORT_INTERVAL;
                self.report.say();
            }
            let next = self
                .on_the_way
                .front()
                .map_or(report_due, |first| first.due);
            let wait = next
                .min(report_due)
                .saturating_duration_since(Instant::now());
            for host in waiting.readable(wait)? {
                self.take(host)?;
            }
        }
    }

    fn take(&mut self, host: usize) -> anyhow::Result<()> {
        let mut packet = [0; PACKET];
        for _ in 0..TURN {
            let len = match (&self.hosts[host]).read(&mut packet) {
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            };
            self.report.packets += 1;
            if host == 0 {
                self.report.first_host_bytes += len as u64;
            }
            if self.is_lost() {
                self.report.lost += 1;
            } else if self.on_the_way.len() >= ON_THE_WAY {
                self.report.overflowed += 1;
            } else if let Some(to) = destination(&packet[..len]).filter(|to| *to < self.hosts.len())
            {
                self.on_the_way.push_back(OnTheWay {
                    due: Instant::now() + self.delay,
                    to,
                    bytes: packet[..len].into(),
                });
            }
        }
        Ok(())
    }

    fn deliver(&mut self, now: Instant) {
        while let Some(packet) = self.on_the_way.pop_front_if(|first| first.due <= now) {
            self.report.latest = self.report.latest.max(now - packet.due);
            // A host that is gone, or whose queue is full, loses it.
            let _ = (&self.hosts[packet.to]).write(&packet.bytes);
        }
    }

    /// Xorshift64: the same losses for the same order of packets.
    fn is_lost(&mut self) -> bool {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        ((self.dice >> 11) as f64) < self.loss * (1_u64 << 53) as f64
    }
}

/// The host of an IPv4 packet's destination in 10.77.0.0/16.
fn destination(packet: &[u8]) -> Option<usize> {
    if packet.first()? >> 4 != 4 || packet.get(16..18)? != [10, 77] {
        return None;
    }
    let number = packet.get(18..20)?;
    (usize::from(number[0]) * 256 + usize::from(number[1])).checked_sub(1)
}

impl Report {
    fn say(&mut self) {
        let Self {
            packets,
            lost,
            overflowed,
            first_host_bytes,
            latest,
        } = self;
        let latest_ms = std::mem::take(latest).as_millis();
        println!(
            r#"{{"packets":{packets},"lost":{lost},"overflowed":{overflowed},"first_host_bytes":{first_host_bytes},"latest_ms":{latest_ms}}}"#
        );
    }
}
