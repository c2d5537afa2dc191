//! TLS over a real port, and a certificate that is renewed while clients are connected.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::process::{PATIENCE, Server, run, text};

type Secure = StreamOwned<ClientConnection, TcpStream>;

/// A certificate that speaks for itself, as `NAME.crt` and `NAME.key`.
fn certify(folder: &Path, name: &str) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=CA:FALSE",
        ])
        .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
}

/// Puts that certificate into the place that the server reads.
fn show(folder: &Path, name: &str) {
    for kind in ["crt", "key"] {
        fs::copy(folder.join(format!("{name}.{kind}")), folder.join(format!("shown.{kind}"))).unwrap();
    }
}

/// A connection that takes this certificate alone. Errors: the server shows another one.
fn connect(server: &Server, folder: &Path, name: &str) -> Result<Secure, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join(format!("{name}.crt"))).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(client, server.connect());
    stream.flush()?;
    Ok(stream)
}

/// Asks once and leaves the connection open.
fn ask(stream: &mut Secure, path: &str) -> String {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let mut part = [0; 4_096];
    let length = |answer: &str| {
        let line = answer.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        Some(answer.find("\r\n\r\n")? + 4 + line.parse::<usize>().unwrap())
    };
    loop {
        let read = stream.read(&mut part).unwrap();
        answer.extend_from_slice(&part[..read]);
        let told = text(&answer);
        if read == 0 || length(&told).is_some_and(|length| answer.len() >= length) {
            return told;
        }
    }
}

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} did not come about");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_renewed_certificate_is_shown_without_cutting_anybody_off() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["demo"]).status.success());
    ["old", "new"].iter().for_each(|name| certify(folder, name));
    show(folder, "old");
    let server = Server::start_bare(folder, &["--tls-certificate", "shown.crt", "--tls-key", "shown.key"]);

    let mut first = connect(&server, folder, "old").unwrap();
    let answer = ask(&mut first, "/tiles/areas.json");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("https://localhost/tiles/"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    assert!(connect(&server, folder, "new").is_err(), "it is not shown yet");
    let mut plain = server.connect();
    write!(plain, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut told = Vec::new();
    let _ = plain.read_to_end(&mut told);
    assert!(!text(&told).contains("HTTP/"), "nothing but TLS is spoken: {}", text(&told));

    show(folder, "new");
    server.signal("-HUP");
    wait_for("the new certificate", || connect(&server, folder, "new").is_ok());
    assert!(connect(&server, folder, "old").is_err(), "the old one is not shown any more");
    assert!(ask(&mut first, "/healthz").starts_with("HTTP/1.1 200 "), "who was connected still is");

    // A certificate without its key, and one that is none: the server goes on with what it has.
    for broken in ["old.crt", "old.key"] {
        fs::copy(folder.join(broken), folder.join("shown.crt")).unwrap();
        server.signal("-HUP");
    }
    wait_for("word of the broken certificate", || {
        fs::read_to_string(folder.join("server.log")).unwrap().matches("stays as it was").count() == 2
    });
    assert!(ask(&mut connect(&server, folder, "new").unwrap(), "/healthz").starts_with("HTTP/1.1 200 "));
    server.terminate();
    assert!(server.end().0);
}

#[test]
fn a_certificate_that_cannot_be_used_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["demo"]).status.success());
    ["one", "other"].iter().for_each(|name| certify(folder, name));
    for (certificate, key, told) in [
        ("none.crt", "one.key", "none.crt"),
        ("one.crt", "one.crt", "private key"),
        ("one.key", "one.key", "cannot be used"),
        ("one.crt", "other.key", "cannot be used"),
    ] {
        let started =
            run(folder, &["serve", "--listen", "127.0.0.1:0", "--tls-certificate", certificate, "--tls-key", key]);
        assert_eq!(started.status.code(), Some(1), "{certificate} with {key}");
        assert!(text(&started.stderr).contains(told), "{}", text(&started.stderr));
    }
    let alone = run(folder, &["serve", "--tls-certificate", "one.crt"]);
    assert!(text(&alone.stderr).contains("tls.key"), "{}", text(&alone.stderr));
}
