//! The real binary as a process, and a small HTTP client that tells failures from answers.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::who::PASSWORD;

/// Longest wait for the server to start, stop or answer; a debug build on a busy machine takes a few seconds.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The binary, in this folder, with nothing of the caller's environment.
pub fn onemap(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onemap"));
    command.current_dir(folder).env_clear();
    command
}

/// What the binary says to these arguments.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    onemap(folder).args(arguments).output().unwrap()
}

/// Bytes as text, whatever they are.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that was started for a test, ended with it.
pub struct Server {
    child: Child,
    log: PathBuf,
    /// Address and port that it listens on.
    pub address: String,
    /// The cookie of a clerk's session.
    cookie: String,
}

/// The account of the clerk of a server under test.
const ACCOUNT: &str = "test-district";

/// Makes the clerk's account, unless another server of the same register did.
fn add_account(folder: &Path, arguments: &[&str]) {
    let told = arguments.windows(2).find(|pair| pair[0] == "--store").map(|pair| pair[1]);
    // Where a register lies unless told.
    let place = told.unwrap_or("data/onemap.gpkg");
    let mut child = onemap(folder)
        .args(["account", "add", ACCOUNT, "--role", "district", "--password-stdin", "--store", place])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let ended = child.wait_with_output().unwrap();
    // 3: another server of the same register made it before.
    assert!(matches!(ended.status.code(), Some(0 | 3)), "{}", text(&ended.stderr));
}

impl Server {
    /// Starts it, with an account of a clerk, waits until it answers, and signs the clerk in.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        add_account(folder, arguments);
        let mut server = Self::start_bare(folder, arguments);
        let nobody = Client { address: server.address.clone(), cookie: None };
        let answer = nobody.post("/api/session", &[], &json!({ "name": ACCOUNT, "password": PASSWORD })).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        let cookie = answer
            .text
            .lines()
            .find_map(|line| line.to_ascii_lowercase().starts_with("set-cookie: ").then_some(&line[12..]));
        server.cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap().to_owned();
        server
    }

    /// Starts it and waits until it listens, signed in as nobody: one behind TLS is not asked by the client here.
    pub fn start_bare(folder: &Path, arguments: &[&str]) -> Self {
        let address_file = folder.join("address");
        let log = folder.join("server.log");
        let mut child = onemap(folder)
            .args(["serve", "--listen", "127.0.0.1:0", "--address-file"])
            .arg(&address_file)
            .args(arguments)
            .stderr(Stdio::from(std::fs::File::create(&log).unwrap()))
            .spawn()
            .unwrap();
        let started = Instant::now();
        loop {
            match std::fs::read_to_string(&address_file) {
                Ok(address) if !address.is_empty() => return Self { child, log, address, cookie: String::new() },
                _ if started.elapsed() > PATIENCE => panic!("the server did not start in time"),
                _ => {}
            }
            assert!(
                child.try_wait().unwrap().is_none(),
                "the server ended: {}",
                std::fs::read_to_string(&log).unwrap()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A client of this server, signed in as the clerk.
    pub fn client(&self) -> Client {
        Client { address: self.address.clone(), cookie: Some(self.cookie.clone()) }
    }

    /// The cookie by which its client is signed in.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal, such as `-HUP`.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Ends it as a crash would, at once.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; returns whether the exit was a success, and the log.
    pub fn end(mut self) -> (bool, String) {
        let success = self.child.wait().unwrap().success();
        (success, std::fs::read_to_string(&self.log).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when it has ended already, which is what most tests want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks one server, with a connection for each request.
#[derive(Debug, Clone)]
pub struct Client {
    /// Address and port.
    pub address: String,
    /// The cookie of a session, for whoever is signed in.
    pub cookie: Option<String>,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Head and body as they came.
    pub text: String,
    /// Body.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|err| panic!("{err}: {}", self.text))
    }
}

impl Client {
    /// `GET`. Errors: no connection, or one that broke before the answer was whole.
    pub fn get(&self, path: &str) -> io::Result<Reply> {
        self.send("GET", path, &[], "")
    }

    /// `POST` of a JSON document.
    pub fn post(&self, path: &str, headers: &[(&str, String)], body: &Value) -> io::Result<Reply> {
        let kind = ("Content-Type", "application/json".to_owned());
        self.send("POST", path, &[headers, &[kind]].concat(), &body.to_string())
    }

    /// `POST` of a delivery of one file, which is a text.
    pub fn deliver(&self, sender: &str, file: &str, content: &str) -> io::Result<Reply> {
        let part = |name: &str, content: &str| {
            format!("--seam\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
        };
        let body = part("sender", sender) + &part(&format!("file\"; filename=\"{file}"), content) + "--seam--\r\n";
        let kind = ("Content-Type", "multipart/form-data; boundary=seam".to_owned());
        self.send("POST", "/api/deliveries", &[kind], &body)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, String)], body: &str) -> io::Result<Reply> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n", self.address);
        if let Some(cookie) = &self.cookie {
            head.push_str(&format!("Cookie: {cookie}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if method != "GET" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        write!(stream, "{head}\r\n{body}")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        whole(&answer).ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "the answer broke off"))
    }
}

/// The answer, if it came whole.
fn whole(answer: &[u8]) -> Option<Reply> {
    let all = text(answer);
    let (head, body) = all.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let complete = length.is_none_or(|length| length == body.len());
    complete.then(|| Reply { status, body: body.to_owned(), text: all.clone() })
}
