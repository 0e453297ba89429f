//! A port that a router opened by PCP, or by its predecessor NAT-PMP.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::num::NonZeroU16;
use std::time::Duration;

use crab_nat::{
    InternetProtocol, MappingFailure, PortMapping, PortMappingOptions, PortMappingType,
    TimeoutConfig, natpmp, pcp,
};

use super::place::Place;
use super::{RouterError, RouterProtocol, Transport, lease_seconds, refused, v4};

/// RFC 6886's times (250 ms, twice as long each time), given up sooner: a router on this network answers within
/// milliseconds, and UPnP is asked next.
const TIMES: TimeoutConfig = TimeoutConfig {
    initial_timeout: Duration::from_millis(250),
    max_retries: 2,
    max_retry_timeout: None,
};

#[derive(Debug)]
pub(super) struct PmpMapping {
    mapping: PortMapping,
    outside: SocketAddrV4,
}

impl PmpMapping {
    /// The same port outside, if it is free there.
    pub(super) async fn open(
        transport: Transport,
        port: NonZeroU16,
        place: Place,
    ) -> Result<Self, RouterError> {
        let router = place.router.ok_or(RouterError::NoAnswer)?;
        let protocol = match transport {
            Transport::Tcp => InternetProtocol::Tcp,
            Transport::Udp => InternetProtocol::Udp,
        };
        let options = PortMappingOptions {
            external_port: Some(port),
            lifetime_seconds: Some(lease_seconds()),
            timeout_config: Some(TIMES),
        };
        let mapping =
            PortMapping::new(router.into(), place.own.into(), protocol, port, options).await;
        Self::of(mapping.map_err(why)?).await
    }

    async fn of(mapping: PortMapping) -> Result<Self, RouterError> {
        let address: Ipv4Addr = match mapping.mapping_type() {
            PortMappingType::Pcp { external_ip, .. } => v4(external_ip)?,
            PortMappingType::NatPmp => natpmp::external_address(mapping.gateway(), Some(TIMES))
                .await
                .map_err(|error| why(error.into()))?,
        };
        let outside = SocketAddrV4::new(address, mapping.external_port().get());
        Ok(Self { mapping, outside })
    }

    pub(super) async fn renew(&mut self) -> Result<(), RouterError> {
        self.mapping.renew().await.map_err(why)?;
        *self = Self::of(self.mapping.clone()).await?;
        Ok(())
    }

    pub(super) async fn close(self) -> Result<(), RouterError> {
        let closed = self.mapping.try_drop().await;
        closed.map_err(|(error, _)| why(error))
    }

    pub(super) fn outside(&self) -> SocketAddrV4 {
        self.outside
    }

    pub(super) fn protocol(&self) -> RouterProtocol {
        match self.mapping.mapping_type() {
            PortMappingType::NatPmp => RouterProtocol::NatPmp,
            PortMappingType::Pcp { .. } => RouterProtocol::Pcp,
        }
    }
}

/// A router that does not speak either protocol says nothing, or has the system say that nobody listens there.
fn why(error: MappingFailure) -> RouterError {
    match error {
        MappingFailure::NatPmp(natpmp::Failure::Timeout | natpmp::Failure::Socket(_))
        | MappingFailure::Pcp(pcp::Failure::Timeout | pcp::Failure::Socket(_)) => {
            RouterError::NoAnswer
        }
        other => refused(other),
    }
}
