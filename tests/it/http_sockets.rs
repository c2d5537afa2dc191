//! Real connections that misbehave: half a request, too much of one, broken framing, answers that nobody reads, ten
//! thousand at once. Whatever they do, others are answered.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use onemap::http::HEAD_BYTES_MAX;

use crate::support::process::{Server, run, text};

/// Clients that send half a request.
const HALF_SENT: usize = 300;

/// Longest life of such a client.
const SLOW_CLIENT_LIMIT: Duration = Duration::from_secs(45);

/// Clients that are connected at the same time.
const CONNECTIONS: usize = 10_000;

/// How often they may try to be connected at the same time.
const ATTEMPTS: usize = 3;

/// Most memory of a server with so many clients, KiB.
const MEMORY_LIMIT_KIB: u64 = 512 << 10;

/// Longest wait of somebody else meanwhile; in a release build on a quiet machine it is milliseconds.
const OTHERS_LIMIT: Duration = Duration::from_secs(5);

fn served() -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let server = Server::start(folder.path(), &["--rate-limits=false"]);
    (folder, server)
}

/// Somebody else who asks at the same time.
fn others_are_answered(server: &Server, what: &str) {
    let asked = Instant::now();
    let reply = server.client().get("/api/collections/areas/items?limit=1").unwrap();
    assert_eq!(reply.status, 200, "{what}");
    assert!(asked.elapsed() < OTHERS_LIMIT, "{what}: others waited {:?}", asked.elapsed());
}

/// What the server says to these bytes until it closes; nothing if it just closes.
fn told(server: &Server, bytes: &[u8]) -> String {
    let mut stream = server.connect();
    // The server may close before it has read everything, which is its right.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(err) => assert!(matches!(err.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{err}"),
    }
    text(&answer)
}

/// How many answers stand in what was read.
fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

#[test]
fn broken_framing_and_oversized_requests_are_refused_and_others_are_answered() {
    let (_folder, server) = served();
    let long = "a".repeat(2 * HEAD_BYTES_MAX);
    let many: String = (0..500).map(|number| format!("x-{number}: y\r\n")).collect();
    let refused = [
        ("no request at all", "\0\u{1}\u{2}\r\n\r\n".to_owned()),
        ("a TLS greeting", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".to_owned() + "\r\n\r\n"),
        ("an unknown version", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n".to_owned()),
        ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("a line without a colon", "GET /healthz HTTP/1.1\r\nHost x\r\n\r\n".to_owned()),
        ("a space before the colon", "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n".to_owned()),
        ("a folded line", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n y\r\n\r\n".to_owned()),
        ("no host", "GET /healthz HTTP/1.1\r\n\r\n".to_owned()),
        ("two hosts", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: y\r\n\r\n".to_owned()),
        (
            "a length below zero",
            "POST /api/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n".to_owned(),
        ),
        (
            "a length that is a word",
            "POST /api/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n".to_owned(),
        ),
        (
            "a length with a sign",
            "POST /api/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: +2\r\n\r\n{}".to_owned(),
        ),
        (
            "two lengths",
            "POST /api/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"
                .to_owned(),
        ),
        (
            "a length that is too great",
            "POST /api/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n{}"
                .to_owned(),
        ),
        (
            "a chunk that is no number",
            "POST /api/records HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
                .to_owned(),
        ),
        (
            "an unknown coding",
            "POST /api/records HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"
                .to_owned(),
        ),
        ("a long path", format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        ("a long header", format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nx: {long}\r\n\r\n")),
        ("five hundred headers", format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{many}\r\n")),
        ("a body that is too long", {
            let body = "a".repeat(9 * 1024 * 1024);
            format!("POST /api/records HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        }),
    ];
    for (what, bytes) in &refused {
        let answer = told(&server, bytes.as_bytes());
        assert!(!answer.contains(" 200 ") && !answer.contains(" 500 "), "{what}: {answer}");
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"),
            "{what}: {answer}"
        );
        others_are_answered(&server, what);
    }
    // What follows a request of unclear length is not taken for another request.
    let smuggled = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
                    GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = told(&server, smuggled.as_bytes());
    assert!(answers(&answer) <= 1 && !answer.contains("onemap_areas"), "{answer}");
    server.terminate();
    let (success, log) = server.end();
    assert!(success && !log.contains("panicked") && !log.contains("ERROR"), "{log}");
}

/// A client that never does the next step, and what it has done so far.
fn hang(server: &Server, sent: &str) -> TcpStream {
    let mut stream = server.connect();
    stream.write_all(sent.as_bytes()).unwrap();
    stream
}

/// Reads to the end, which the server makes.
fn is_cut(mut stream: TcpStream, until: Instant) -> bool {
    let mut rest = vec![0; 1 << 16];
    loop {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut rest) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(err) => return !matches!(err.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }
}

#[test]
fn hundreds_of_slow_clients_are_cut_and_others_are_answered() {
    let (_folder, server) = served();
    let begun = Instant::now();
    // Signed in, so that a body is waited for.
    let cookie = server.cookie();
    let form = format!(
        "POST /api/deliveries HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; \
         boundary=seam\r\nContent-Length: 1000000\r\n\r\n--seam\r\n"
    );
    let change = format!(
        "POST /api/records HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
    );
    let halves = [
        String::new(),
        "GET /api/register HTTP/1.1\r\nHost: localhost\r\nx: ".to_owned(),
        format!("{change}Content-Length: 100\r\n\r\n{{"),
        format!("{change}Transfer-Encoding: chunked\r\n\r\n64\r\n{{"),
        form.clone(),
    ];
    let mut clients: Vec<TcpStream> = halves.iter().cycle().take(HALF_SENT).map(|half| hang(&server, half)).collect();
    others_are_answered(&server, "with hundreds of half-sent requests");
    // One of them sends a byte now and then, which wins nothing.
    let mut trickling = hang(&server, &form);
    let trickle = std::thread::spawn(move || {
        while begun.elapsed() < SLOW_CLIENT_LIMIT {
            if trickling.write_all(b"a").is_err() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        false
    });
    for client in clients.drain(..) {
        assert!(is_cut(client, begun + SLOW_CLIENT_LIMIT), "a half-sent request was held");
    }
    assert!(trickle.join().unwrap(), "a trickle was held");
    others_are_answered(&server, "afterwards");
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let (_folder, server) = served();
    let begun = Instant::now();
    let question = "GET /api/collections/areas/items?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut stream = server.connect();
    // Far more than the system takes on the way, all in one connection.
    let asked = question.repeat(200);
    stream.set_write_timeout(Some(SLOW_CLIENT_LIMIT)).unwrap();
    let _ = stream.write_all(asked.as_bytes());
    others_are_answered(&server, "while an answer lies unread");
    let mut gone = false;
    while begun.elapsed() < SLOW_CLIENT_LIMIT && !gone {
        std::thread::sleep(Duration::from_millis(500));
        // Writing tells that the other side has gone, without reading what it wrote.
        gone = stream.write_all(b"\r\n").is_err();
    }
    assert!(gone, "the answers were kept for a client that does not read");
}

/// Whether the server has neither answered nor closed.
fn is_open(client: &TcpStream) -> bool {
    client.set_nonblocking(true).unwrap();
    client.peek(&mut [0]).is_err_and(|err| err.kind() == ErrorKind::WouldBlock)
}

/// Most memory that the process has held so far, KiB.
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[test]
fn ten_thousand_connections_fit_into_half_a_gigabyte() {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let wanted = CONNECTIONS as u64 + 500;
    assert!(
        limit.maximum.is_none_or(|maximum| maximum >= wanted),
        "this machine gives too few file descriptors: {limit:?}"
    );
    let raised = rustix::process::Rlimit { current: Some(limit.current.unwrap_or(wanted).max(wanted)), ..limit };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let (_folder, server) = served();
    // Each of them is half through with its question, so that the server must hold a buffer for it. On a busy machine the
    // first are cut before the last are there, and all begin anew.
    let half = "GET /api/register HTTP/1.1\r\nHost: localhost\r\nCookie: ".to_owned() + &"c".repeat(1_000);
    let connected = (0..ATTEMPTS).any(|_| {
        let clients: Vec<TcpStream> = (0..CONNECTIONS).map(|_| hang(&server, &half)).collect();
        others_are_answered(&server, "with ten thousand connections");
        clients.iter().all(is_open)
    });
    assert!(connected, "ten thousand were never connected at the same time");
    let peak = peak_kib(server.process());
    assert!(peak < MEMORY_LIMIT_KIB, "{CONNECTIONS} connections took {} MiB", peak >> 10);
}
