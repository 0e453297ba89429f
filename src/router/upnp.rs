//! A port that a router opened by UPnP.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use igd_next::aio::Gateway;
use igd_next::aio::tokio::{Tokio, search_gateway};
use igd_next::{
    AddAnyPortError, AddPortError, GatewayIpVersion, PortMappingProtocol, RemovePortError,
    SearchOptions,
};

use super::{NAME, RouterError, Transport, lease_seconds, refused, v4};

/// Devices answer a search within the second that it names; reading what they are takes some requests more.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(4);
/// A lease that ends only when it is taken back: all that some old routers know.
const FOR_EVER: u32 = 0;

/// A router that speaks UPnP.
#[derive(Debug)]
pub(super) struct UpnpRouter(Gateway<Tokio>);

/// What it has opened.
#[derive(Debug)]
pub(super) struct UpnpMapping {
    router: Gateway<Tokio>,
    protocol: PortMappingProtocol,
    inside: SocketAddrV4,
    outside: SocketAddrV4,
    lease: u32,
}

impl UpnpRouter {
    /// Asks who is there on this machine's network.
    pub(super) async fn search(own: Ipv4Addr) -> Result<Self, RouterError> {
        let mut options = SearchOptions::default();
        options.bind_addr = (own, 0).into();
        options.timeout = Some(SEARCH_TIMEOUT);
        options.gateway_ip_version = GatewayIpVersion::V4;
        match search_gateway(options).await {
            Ok(router) => Ok(Self(router)),
            Err(error) => {
                tracing::debug!("no router by UPnP: {error}");
                Err(RouterError::NoAnswer)
            }
        }
    }

    /// The same port outside, if it is free there.
    pub(super) async fn open(
        self,
        transport: Transport,
        inside: SocketAddrV4,
    ) -> Result<UpnpMapping, RouterError> {
        let address = self.0.get_external_ip().await.map_err(refused)?;
        let mut mapping = UpnpMapping {
            router: self.0,
            protocol: match transport {
                Transport::Tcp => PortMappingProtocol::TCP,
                Transport::Udp => PortMappingProtocol::UDP,
            },
            inside,
            outside: SocketAddrV4::new(v4(address)?, inside.port()),
            lease: lease_seconds(),
        };
        match mapping.ask().await {
            Err(AddPortError::PortInUse) => mapping.ask_for_any().await?,
            asked => asked.map_err(refused)?,
        }
        Ok(mapping)
    }
}

impl UpnpMapping {
    /// Asks for the very port, or asks again for what there is.
    async fn ask(&mut self) -> Result<(), AddPortError> {
        let (router, outside) = (&self.router, self.outside.port());
        let inside = SocketAddr::V4(self.inside);
        let asked = router.add_port(self.protocol, outside, inside, self.lease, NAME);
        match asked.await {
            Err(AddPortError::OnlyPermanentLeasesSupported) => {
                self.lease = FOR_EVER;
                router
                    .add_port(self.protocol, outside, inside, self.lease, NAME)
                    .await
            }
            asked => asked,
        }
    }

    async fn ask_for_any(&mut self) -> Result<(), RouterError> {
        let inside = SocketAddr::V4(self.inside);
        let (router, protocol) = (&self.router, self.protocol);
        let asked = router.add_any_port(protocol, inside, self.lease, NAME);
        let port = match asked.await {
            Err(AddAnyPortError::OnlyPermanentLeasesSupported) => {
                self.lease = FOR_EVER;
                let again = router.add_any_port(protocol, inside, self.lease, NAME);
                again.await.map_err(refused)?
            }
            asked => asked.map_err(refused)?,
        };
        self.outside.set_port(port);
        Ok(())
    }

    pub(super) async fn renew(&mut self) -> Result<(), RouterError> {
        let address = self.router.get_external_ip().await.map_err(refused)?;
        self.outside.set_ip(v4(address)?);
        self.ask().await.map_err(refused)
    }

    pub(super) async fn close(self) -> Result<(), RouterError> {
        let port = self.outside.port();
        match self.router.remove_port(self.protocol, port).await {
            // It has ended by itself.
            Ok(()) | Err(RemovePortError::NoSuchPortMapping) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }

    pub(super) fn outside(&self) -> SocketAddrV4 {
        self.outside
    }
}
