//! The viewer page, built into the program.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::ServerError;

/// Everything that the page may do: run its own scripts and WebAssembly, play what it makes itself, talk to trackers
/// anywhere, be shown in a frame anywhere. It loads nothing from any other host.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; media-src blob:; connect-src 'self' ws: wss:; base-uri 'none'; \
    form-action 'none'; frame-ancestors *";
/// The same for a page that says it itself: there `frame-ancestors` means nothing.
pub(super) const FILES_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data: blob:; media-src blob:; connect-src 'self' ws: wss:; base-uri 'none'; \
    form-action 'none'";

/// The page's files keep their names from one version to the next and must be of one version, so browsers ask each
/// time whether theirs is still the same, which costs one short round trip.
const CACHING: &str = "no-cache";

#[derive(rust_embed::Embed)]
#[folder = "assets/viewer/"]
#[allow_missing = true]
pub(super) struct Assets;

/// The viewer page's own file, for those who add to it.
pub(crate) fn viewer_index() -> Option<String> {
    let file = Assets::get("index.html")?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// All files of a page, ready to send.
pub(crate) struct Page {
    files: HashMap<String, File>,
}

struct File {
    content_type: &'static str,
    etag: HeaderValue,
    plain: Bytes,
    /// Only where it is smaller: every viewer downloads it.
    gzipped: Option<Bytes>,
}

impl Page {
    /// The viewer page.
    pub(super) fn load() -> Result<Self, ServerError> {
        Self::of::<Assets>()
    }

    /// The page whose files these are.
    pub(crate) fn of<A: rust_embed::Embed>() -> Result<Self, ServerError> {
        let files = A::iter()
            .filter_map(|name| A::get(&name).map(|file| (name.into_owned(), file)))
            .map(|(name, embedded)| {
                let hash = embedded.metadata.sha256_hash();
                match File::new(&name, hash, embedded.data.into_owned()) {
                    Ok(file) => Ok((name, file)),
                    Err(source) => Err(ServerError::Page { file: name, source }),
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { files })
    }

    fn file(&self, path: &str) -> Option<&File> {
        let name = match path.trim_start_matches('/') {
            "" => "index.html",
            name => name,
        };
        self.files.get(name)
    }
}

impl File {
    fn new(name: &str, hash: [u8; 32], data: Vec<u8>) -> io::Result<Self> {
        let gzipped = gzip(&data, Compression::best())?;
        // Weak, because the same tag stands for the plain and the compressed form.
        let tag: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            content_type: content_type(name),
            etag: HeaderValue::try_from(format!("W/\"{tag}\"")).map_err(io::Error::other)?,
            gzipped: (gzipped.len() < data.len()).then(|| gzipped.into()),
            plain: data.into(),
        })
    }

    fn respond(&self, request: &HeaderMap) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(CACHING));
        headers.insert(ETAG, self.etag.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if request.get(IF_NONE_MATCH) == Some(&self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        let body = match &self.gzipped {
            Some(gzipped) if takes_gzip(request) => {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                gzipped
            }
            _ => &self.plain,
        };
        (headers, body.clone()).into_response()
    }
}

/// Serves a file of the page.
pub(crate) async fn serve(State(page): State<Arc<Page>>, uri: Uri, request: HeaderMap) -> Response {
    match page.file(uri.path()) {
        Some(file) => file.respond(&request),
        None => (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response(),
    }
}

/// Sets the headers that each response has.
pub(super) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

pub(crate) fn gzip(data: &[u8], how: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), how);
    encoder.write_all(data)?;
    encoder.finish()
}

/// Whether a request says that it understands gzip. Browsers name it without a weight; whoever says `gzip;q=0` is not
/// one of them, and is believed.
pub(crate) fn takes_gzip(request: &HeaderMap) -> bool {
    request
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let gzip = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            gzip && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

/// The content type by the file's ending. Browsers run a script or a WebAssembly module only under its own.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "export const answer = 42\n";

    fn script() -> File {
        File::new("viewer.js", [0xAB; 32], SCRIPT.repeat(100).into_bytes()).unwrap()
    }

    fn request(headers: &[(axum::http::HeaderName, &'static str)]) -> HeaderMap {
        let pairs = headers.iter();
        pairs
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    async fn body(response: Response) -> Bytes {
        axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_browser_gets_a_file_compressed() {
        let response = script().respond(&request(&[(ACCEPT_ENCODING, "gzip, deflate, br")]));
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(
            response.headers()[CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        let compressed = body(response).await;
        assert!(compressed.len() < SCRIPT.len() * 10);
        let mut plain = String::new();
        let mut decoder = flate2::read::GzDecoder::new(&*compressed);
        io::Read::read_to_string(&mut decoder, &mut plain).unwrap();
        assert_eq!(plain, SCRIPT.repeat(100));
    }

    #[tokio::test]
    async fn who_does_not_take_gzip_gets_a_file_as_it_is() {
        for headers in [request(&[]), request(&[(ACCEPT_ENCODING, "br, gzip;q=0")])] {
            let response = script().respond(&headers);
            assert!(!response.headers().contains_key(CONTENT_ENCODING));
            assert_eq!(body(response).await, SCRIPT.repeat(100));
        }
    }

    #[tokio::test]
    async fn a_file_that_gzip_does_not_make_smaller_stays_as_it_is() {
        let file = File::new("icon.png", [0; 32], vec![7]).unwrap();
        let response = file.respond(&request(&[(ACCEPT_ENCODING, "gzip")]));
        assert!(!response.headers().contains_key(CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn a_browser_that_has_the_file_does_not_get_it_again() {
        let etag = "W/\"abababababababab\"";
        assert_eq!(script().etag, etag);
        let response = script().respond(&request(&[(IF_NONE_MATCH, etag)]));
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert!(body(response).await.is_empty());
        let response = script().respond(&request(&[(IF_NONE_MATCH, "W/\"other\"")]));
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[test]
    fn the_page_itself_is_at_the_root() {
        let index = File::new("index.html", [0; 32], b"<!doctype html>".to_vec()).unwrap();
        let page = Page {
            files: HashMap::from([("index.html".to_owned(), index)]),
        };
        let html = "text/html; charset=utf-8";
        assert_eq!(page.file("/").map(|file| file.content_type), Some(html));
        assert!(page.file("/index.html").is_some());
        for path in ["/other", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
            assert!(page.file(path).is_none(), "{path}");
        }
    }

    #[test]
    fn webassembly_has_the_type_that_browsers_stream_it_under() {
        assert_eq!(content_type("wasm/swarm_web_bg.wasm"), "application/wasm");
    }
}
